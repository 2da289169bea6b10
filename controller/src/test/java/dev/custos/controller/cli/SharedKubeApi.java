package dev.custos.controller.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One API server, with our definitions and roles, for all classes of a run that neither stop nor
 * restart it: starting one takes longer than most tests. A class leaves nothing there that another
 * could trip over.
 */
final class SharedKubeApi implements BeforeAllCallback, ParameterResolver {
  private static final Namespace STORE = Namespace.create(SharedKubeApi.class);

  // Not when the parameter is resolved: what is thrown there would fail a test instead of skipping.
  @Override
  public void beforeAll(ExtensionContext context) {
    server(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == KubeApi.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return server(context).api;
  }

  private static Server server(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(STORE)
        .getOrComputeIfAbsent(Server.class, key -> Server.start(), Server.class);
  }

  /** Closed by JUnit after the last class. */
  private record Server(KubeApi api, Path directory) implements AutoCloseable {
    static Server start() {
      try {
        Path directory = Files.createTempDirectory("kube-api");
        KubeApi api = KubeApi.start(directory);
        api.installCustos();
        return new Server(api, directory);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError("the API server did not start", e);
      }
    }

    @Override
    public void close() throws IOException {
      api.close();
      List<Path> all;
      try (Stream<Path> tree = Files.walk(directory)) {
        all = tree.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }
}
