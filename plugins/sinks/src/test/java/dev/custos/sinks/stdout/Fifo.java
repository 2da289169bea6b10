package dev.custos.sinks.stdout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A real pipe with a name, whose descriptor's number is known. */
final class Fifo implements AutoCloseable {
  private final Path path;
  // For reading and writing, so that opening does not wait for another side: fifo(7).
  private final RandomAccessFile open;
  private final int descriptor;
  private volatile boolean closing;

  Fifo(Path directory) throws IOException, InterruptedException {
    path = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
    open = new RandomAccessFile(path.toFile(), "rw");
    descriptor = descriptorOf(path);
  }

  /** A descriptor of the pipe that belongs to this test. */
  int descriptor() {
    return descriptor;
  }

  /** Reads what is there, at least one byte, waiting for it. */
  int read(byte[] target) throws IOException {
    int n = open.read(target);
    return closing ? -1 : n;
  }

  /** Closes the one reader that there is. */
  @Override
  public void close() throws IOException {
    closing = true;
    // A read that waits does not hear a close.
    open.write('\n');
    open.close();
  }

  private static int descriptorOf(Path path) throws IOException {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path link : links) {
        try {
          if (Files.readSymbolicLink(link).equals(path)) {
            return Integer.parseInt(link.getFileName().toString());
          }
        } catch (NoSuchFileException e) {
          // Closed since it was listed.
        }
      }
    }
    throw new AssertionError("not open: " + path);
  }
}
