package dev.custos.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What the tests open and count themselves. */
final class TestFiles {
  private TestFiles() {}

  static FileDescriptor openForReading(Path path) {
    byte[] bytes = bytes(path.toString());
    return new FileDescriptor(
        Libc.LIBRARY.openat(
            -1, new PathBuffer().path(bytes, 0, bytes.length), Libc.O_RDONLY | Libc.O_CLOEXEC, 0));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The number that the next descriptor gets: the same again if nothing was left open. */
  static int lowestFreeDescriptor() throws NativeException {
    try (FileDescriptor probe = PathOpener.openRoot("/")) {
      return probe.number();
    }
  }
}
