package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A real file system of little room that a test can fill: a tmpfs of its own. */
final class SmallDisk implements AutoCloseable {
  private final Path mount;

  private SmallDisk(Path mount) {
    this.mount = mount;
  }

  /** Mounts it; without the privilege, skips the test, except in continuous integration. */
  static SmallDisk mount(Path at, String size) throws IOException, InterruptedException {
    Files.createDirectory(at);
    Process process =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "mode=0700,size=" + size, "tmpfs", at.toString())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      assertThat(Optional.ofNullable(System.getenv("CI")))
          .as("mount: %s", said)
          .isNotEqualTo(Optional.of("true"));
      Assumptions.abort("a tmpfs can't be mounted here: " + said);
    }
    return new SmallDisk(at);
  }

  /** Takes all the room that is left. */
  void fill() throws IOException {
    try (FileChannel file =
        FileChannel.open(
            mount.resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      boolean full = false;
      ByteBuffer page = ByteBuffer.allocate(4096);
      while (!full) {
        page.clear();
        try {
          file.write(page);
        } catch (IOException e) {
          full = true;
        }
      }
    }
  }

  /** Gives the room back. */
  void clear() throws IOException {
    Files.deleteIfExists(mount.resolve("filler"));
  }

  @Override
  public void close() throws IOException {
    Process umount = new ProcessBuilder("umount", "-l", mount.toString()).inheritIO().start();
    assertThat(umount.onExit().join().exitValue()).isZero();
  }
}
