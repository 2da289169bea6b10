package dev.custos.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The unpacked distribution that the build has just made. */
final class Distribution {
  private Distribution() {}

  static Path home() {
    return Path.of(
        Objects.requireNonNull(
            System.getProperty("custos.dist"), "these tests are run by 'mvn -B verify'"));
  }

  static Path launcher() {
    return home().resolve("bin/custos");
  }

  /** The jars of one of its folders, by name. */
  static List<Path> jars(String folder) throws IOException {
    try (Stream<Path> files = Files.list(home().resolve(folder))) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }
}
