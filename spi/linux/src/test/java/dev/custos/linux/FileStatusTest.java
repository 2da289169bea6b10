package dev.custos.linux;

import static dev.custos.linux.TestFiles.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {
  @TempDir Path directory;

  private final FileStatus status = new FileStatus();

  @Test
  void aFileIsToldAsTheJdkTellsIt() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Files.createLink(directory.resolve("second"), file);
    try (FileDescriptor root = PathOpener.openRoot(directory.toString())) {
      byte[] name = bytes("file");
      assertThat(status.ofChild(root.number(), name, 0, name.length)).isZero();
    }
    assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(status.links()).isEqualTo(2);
    assertThat(status.isDirectory()).isFalse();
    assertThat(status.isSymbolicLink()).isFalse();
    long device = (Long) Files.getAttribute(file, "unix:dev");
    // As gnu_dev_major(3) and gnu_dev_minor(3) take st_dev apart.
    long major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfffL);
    long minor = (device & 0xff) | (device >> 12 & ~0xffL);
    assertThat(status.device()).isEqualTo(major << 32 | minor);
  }

  @Test
  void aDescriptorIsToldAsTheObjectItHasOpen() throws Exception {
    try (FileDescriptor root = PathOpener.openRoot(directory.toString())) {
      assertThat(status.of(root.number())).isZero();
    }
    assertThat(status.isDirectory()).isTrue();
    assertThat(status.inode()).isEqualTo(Files.getAttribute(directory, "unix:ino"));
  }

  @Test
  void aLinkIsToldAndNotWhatItPointsTo() throws Exception {
    Files.createSymbolicLink(directory.resolve("link"), directory);
    try (FileDescriptor root = PathOpener.openRoot(directory.toString())) {
      byte[] name = bytes("link");
      assertThat(status.ofChild(root.number(), name, 0, name.length)).isZero();
    }
    assertThat(status.isSymbolicLink()).isTrue();
    assertThat(status.isDirectory()).isFalse();
  }

  @Test
  void aMissingEntryIsAnErrno() throws Exception {
    try (FileDescriptor root = PathOpener.openRoot(directory.toString())) {
      byte[] name = bytes("gone");
      assertThat(status.ofChild(root.number(), name, 0, name.length)).isEqualTo(Errno.ENOENT);
    }
  }

  @Test
  void aFileSystemIsToldByItsMagicNumber() throws Exception {
    try (FileDescriptor proc = PathOpener.openRoot("/proc")) {
      assertThat(FileSystem.magic(proc.number())).isEqualTo(0x9fa0L);
    }
    assertThat(FileSystem.magic(-1)).isZero();
  }
}
