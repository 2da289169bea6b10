package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.NativeException;
import dev.custos.testkit.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * An overlay, as containers have, over a file system that the test serves and can let hang: opening
 * {@code file} waits for it then, and nothing else does.
 */
record HangingOverlay(Path root, HangingFileSystem server) implements AutoCloseable {
  /** Mounts one below a directory of the test's, with other files, which never wait. */
  static HangingOverlay at(Path directory, String... others) throws IOException, NativeException {
    boolean ci = "true".equals(System.getenv("CI"));
    Path root = Files.createDirectories(directory.resolve("overlay"));
    Path served = Files.createDirectories(directory.resolve("served"));
    Path lower = Files.createDirectories(directory.resolve("lower"));
    for (String name : others) {
      Files.writeString(lower.resolve(name), "a line\n");
    }
    HangingFileSystem server;
    try {
      server = new HangingFileSystem(served);
    } catch (NativeException e) {
      Assumptions.assumeTrue(ci, "no FUSE here: " + e.getMessage());
      throw e;
    }
    String layers = "lowerdir=" + served + ":" + lower;
    try (OtherProcess process = OtherProcess.start()) {
      boolean mounted =
          process.succeeds("mount -t overlay overlay -o '" + layers + "' '" + root + "'");
      if (!mounted) {
        server.close();
      }
      Assumptions.assumeTrue(mounted || ci, "no overlay can be mounted here");
      assertThat(mounted).isTrue();
    }
    return new HangingOverlay(root, server);
  }

  @Override
  public void close() {
    server.answer();
    try (OtherProcess process = OtherProcess.start()) {
      process.succeeds("umount -l '" + root + "'");
    }
    server.close();
  }
}
