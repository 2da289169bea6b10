package dev.custos.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Real programs for tests, which a script in {@code .ci} has unpacked or built: nothing of them is
 * installed.
 *
 * @param root the root of the file system that they were unpacked to
 */
public record UnpackedPrograms(Path root) {
  /**
   * Where a script leaves what it unpacks.
   *
   * @param variable the environment variable that says so; without it, it is the folder {@code
   *     name} of the cache
   */
  public static Path folder(String variable, String name) {
    return environment(variable)
        .or(() -> environment("CUSTOS_CACHE").map(cache -> cache.resolve(name)))
        .or(() -> environment("XDG_CACHE_HOME").map(cache -> cache.resolve("custos/" + name)))
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache/custos", name));
  }

  private static Optional<Path> environment(String variable) {
    return Optional.ofNullable(System.getenv(variable)).map(Path::of);
  }

  /**
   * What the script {@code .ci/NAME} unpacks, or a part of it. Without it the test is skipped, and
   * fails where {@code CI=true}.
   *
   * @param part a folder of it; none for all of it
   */
  public static UnpackedPrograms of(String name, String... part) {
    String variable = "CUSTOS_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    Path root = folder(variable, name).resolve(String.join("/", part));
    require(Files.isRegularFile(root.resolve("libraries")), root, ".ci/" + name);
    return new UnpackedPrograms(root);
  }

  /** Skips the test unless they are there, and fails it where {@code CI=true}. */
  public static void require(boolean there, Path root, String script) {
    String missing = root + " has not what this test needs; " + script + " makes it";
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as(missing).isTrue();
    }
    assumeTrue(there, missing);
  }

  /** A command that starts one of them, with the libraries that came with it. */
  public ProcessBuilder command(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve(program).toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    String libraries =
        Files.readAllLines(root.resolve("libraries")).stream()
            .map(folder -> root.resolve(folder).normalize().toString())
            .collect(Collectors.joining(":"));
    builder.environment().put("LD_LIBRARY_PATH", libraries);
    return builder;
  }

  /** A file below the root, by its name. */
  public Path find(String name) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.getFileName().toString().equals(name))
          .findFirst()
          .orElseThrow(() -> new IOException(name + " is not below " + root));
    }
  }
}
