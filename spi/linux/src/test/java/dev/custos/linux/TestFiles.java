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

  /**
   * The number that the next descriptor gets: no higher one later on if nothing was left open. It
   * may be lower, because the JDK closes the pipes of a child some time after that has ended.
   */
  static int lowestFreeDescriptor() throws NativeException {
    try (FileDescriptor probe = PathOpener.openRoot("/")) {
      return probe.number();
    }
  }
}
