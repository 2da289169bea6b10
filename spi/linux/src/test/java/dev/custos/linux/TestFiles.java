package dev.custos.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
   * What this process has open: the same again if nothing was left open. Without pipes, because the
   * JDK closes those of a child some time after that has ended.
   */
  static List<String> openFiles() throws IOException {
    List<String> files = new ArrayList<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path fd : open) {
        try {
          files.add(Files.readSymbolicLink(fd).toString());
        } catch (NoSuchFileException e) {
          // Such a pipe, closed just now.
        } catch (FileSystemException e) {
          files.add(e.getReason()); // a path beyond PATH_MAX
        }
      }
    }
    return files.stream().filter(file -> !file.startsWith("pipe:")).sorted().toList();
  }
}
