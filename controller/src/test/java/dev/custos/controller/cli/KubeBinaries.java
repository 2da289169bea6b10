package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Where etcd, kube-apiserver and kubectl are. */
final class KubeBinaries {
  private KubeBinaries() {}

  /** Skips the test if they are not there, or fails it under CI. */
  static Path find() throws IOException {
    Path versions = folder().resolve("k8s");
    Optional<Path> found = Optional.empty();
    if (Files.isDirectory(versions)) {
      try (Stream<Path> folders = Files.list(versions)) {
        found =
            folders
                .filter(f -> Stream.of("etcd", "kube-apiserver", "kubectl").allMatch(has(f)))
                .max(Path::compareTo);
      }
    }
    String missing = "no kube-apiserver, kubectl and etcd in " + versions + "; .ci/kube-api builds";
    if ("true".equals(System.getenv("CI"))) {
      assertThat(found).as(missing).isPresent();
    }
    assumeTrue(found.isPresent(), missing);
    return found.orElseThrow();
  }

  private static Predicate<String> has(Path folder) {
    return name -> Files.isExecutable(folder.resolve(name));
  }

  private static Path folder() {
    Optional<String> given = Optional.ofNullable(System.getenv("KUBE_API_TEST_DIR"));
    if (given.isPresent()) {
      return Path.of(given.get());
    }
    String cache =
        Stream.of(
                Optional.ofNullable(System.getenv("CUSTOS_CACHE")),
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).map(home -> home + "/custos"))
            .flatMap(Optional::stream)
            .findFirst()
            .orElse(System.getProperty("user.home") + "/.cache/custos");
    return Path.of(cache, "kube-api");
  }
}
