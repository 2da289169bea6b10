package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryReaderTest {
  @TempDir Path directory;

  @Test
  void everyEntryIsListedOnceWithItsKind() throws Exception {
    Files.createDirectory(directory.resolve("directory"));
    Files.createFile(directory.resolve("file"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("directory"));
    Files.createFile(directory.resolve("..hidden"));

    assertThat(list())
        .isEqualTo(Map.of("directory", true, "file", false, "link", false, "..hidden", false));
  }

  @Test
  void anEmptyDirectoryHasNoEntries() throws Exception {
    assertThat(list()).isEmpty();
  }

  @Test
  void moreEntriesThanABufferHoldsAreAllListed() throws Exception {
    Map<String, Boolean> expected = new TreeMap<>();
    for (int i = 0; i < 2000; i++) {
      String name = "a-name-that-takes-some-space-" + i;
      Files.createFile(directory.resolve(name));
      expected.put(name, false);
    }
    assertThat(list()).isEqualTo(expected);
  }

  @Test
  void aNameOf255BytesComesWhole() throws Exception {
    String name = "é".repeat(127) + "x";
    Files.createFile(directory.resolve(name));
    assertThat(list()).containsOnlyKeys(name);
  }

  @Test
  void aNameThatIsNoUtf8ComesAsItsBytes() throws Exception {
    byte[] name = {(byte) 0xff, (byte) 0xfe, '\n', 0x1b, (byte) 0xc3};
    try (FileDescriptor root = PathOpener.openRoot(directory.toString())) {
      ByteBuffer path = new PathBuffer().path(name, 0, name.length);
      assertThat(ServerLibrary.LIBRARY.mkdirat(root.number(), path, 0700)).isZero();
      try {
        DirectoryReader reader = new DirectoryReader();
        try (FileDescriptor fd = TestFiles.openForReading(directory)) {
          assertThat(reader.fill(fd.number())).isPositive();
          assertThat(reader.next()).isTrue();
          assertThat(Arrays.copyOf(reader.name(), reader.nameLength())).isEqualTo(name);
          assertThat(reader.isDirectory()).isTrue();
          assertThat(reader.next()).isFalse();
          assertThat(reader.fill(fd.number())).isZero();
        }
        FileStatus status = new FileStatus();
        assertThat(status.ofChild(root.number(), name, 0, name.length)).isZero();
        assertThat(status.isDirectory()).isTrue();
      } finally {
        ServerLibrary.LIBRARY.unlinkat(root.number(), path, 0x200);
      }
    }
  }

  @Test
  void whatIsNoDirectoryIsAnErrnoAndNoException() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    DirectoryReader reader = new DirectoryReader();
    try (FileDescriptor fd = TestFiles.openForReading(file)) {
      assertThat(reader.fill(fd.number())).isEqualTo(-Errno.ENOTDIR);
    }
    assertThat(reader.next()).isFalse();
  }

  private Map<String, Boolean> list() throws Exception {
    Map<String, Boolean> entries = new TreeMap<>();
    DirectoryReader reader = new DirectoryReader();
    FileStatus status = new FileStatus();
    try (FileDescriptor fd = TestFiles.openForReading(directory)) {
      int filled;
      while ((filled = reader.fill(fd.number())) > 0) {
        while (reader.next()) {
          String name =
              new String(
                  reader.name(), 0, reader.nameLength(), java.nio.charset.StandardCharsets.UTF_8);
          boolean isDirectory = reader.isDirectory();
          if (reader.isUnknown()) {
            assertThat(status.ofChild(fd.number(), reader.name(), 0, reader.nameLength())).isZero();
            isDirectory = status.isDirectory();
          }
          assertThat(entries.put(name, isDirectory)).isNull();
        }
      }
      assertThat(filled).isZero();
    }
    return entries;
  }
}
