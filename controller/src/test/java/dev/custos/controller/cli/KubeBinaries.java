package dev.custos.controller.cli;

import dev.custos.testkit.UnpackedPrograms;
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
    Path versions = UnpackedPrograms.folder("KUBE_API_TEST_DIR", "kube-api").resolve("k8s");
    Optional<Path> found = Optional.empty();
    if (Files.isDirectory(versions)) {
      try (Stream<Path> folders = Files.list(versions)) {
        found =
            folders
                .filter(f -> Stream.of("etcd", "kube-apiserver", "kubectl").allMatch(has(f)))
                .max(Path::compareTo);
      }
    }
    UnpackedPrograms.require(found.isPresent(), versions, ".ci/kube-api");
    return found.orElseThrow();
  }

  private static Predicate<String> has(Path folder) {
    return name -> Files.isExecutable(folder.resolve(name));
  }
}
