package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteEndTest {
  private static final int O_APPEND_TO = 0x1 | 0x400;

  @TempDir Path directory;

  @Test
  void aFullPipeTakesNothingAndNobodyWaits() throws Exception {
    try (FileDescriptor reader = fifo();
        WriteEnd end = WriteEnd.of(reader.number())) {
      int written = fill(end);

      assertThat(end.awaitRoom(0)).isFalse();
      assertThat(readAll(reader)).isEqualTo(written);
      assertThat(end.awaitRoom(0)).isTrue();
      assertThat(end.write(ByteBuffer.allocateDirect(10))).isEqualTo(10);
    }
  }

  @Test
  void aWriteThatFitsInPartSaysHowMuch() throws Exception {
    try (FileDescriptor reader = fifo();
        WriteEnd end = WriteEnd.of(reader.number())) {
      ByteBuffer large = ByteBuffer.allocateDirect(1 << 20);
      large.put(0, (byte) 'a').position(3);

      int written = end.write(large);

      assertThat(written).isPositive().isLessThan(1 << 20);
      assertThat(large.position()).isEqualTo(3 + written);
      assertThat(readAll(reader)).isEqualTo(written);
    }
  }

  @Test
  void aPipeWithoutAReaderIsAnError() throws Exception {
    FileDescriptor reader = fifo();
    try (WriteEnd end = WriteEnd.of(reader.number())) {
      reader.close();

      assertThat(end.awaitRoom(0)).as("there is an error to be told").isTrue();
      assertThatThrownBy(() -> end.write(ByteBuffer.allocateDirect(1)))
          .isInstanceOf(NativeException.class)
          .hasMessage("write: EPIPE");
    }
  }

  @Test
  void aFullSocketTakesNothingAndNobodyWaits() throws Exception {
    ByteBuffer pair = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    assertThat(ServerLibrary.LIBRARY.socketpair(1, 1, 0, pair)).isZero();
    try (FileDescriptor here = new FileDescriptor(pair.getInt(0));
        FileDescriptor there = new FileDescriptor(pair.getInt(4));
        WriteEnd end = WriteEnd.of(here.number())) {
      assertThat(fill(end)).isPositive();
      assertThat(end.awaitRoom(0)).isFalse();
      there.read(ByteBuffer.allocateDirect(1));
    }
  }

  @Test
  void aFileIsWrittenToWhereItsDescriptorStands() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "first ");
    byte[] path = TestFiles.bytes(file.toString());
    int fd = Libc.LIBRARY.openat(-1, new PathBuffer().path(path, 0, path.length), O_APPEND_TO, 0);
    try (FileDescriptor descriptor = new FileDescriptor(fd);
        WriteEnd end = WriteEnd.of(descriptor.number())) {
      ByteBuffer second = ByteBuffer.allocateDirect(6);
      second.put("second".getBytes(StandardCharsets.UTF_8)).flip();
      end.write(second);
    }

    assertThat(file).hasContent("first second");
  }

  @Test
  void closingLeavesTheGivenDescriptorOpenAndNoOther() throws Exception {
    try (FileDescriptor reader = fifo()) {
      List<String> before = TestFiles.openFiles();
      WriteEnd end = WriteEnd.of(reader.number());
      end.awaitRoom(0);
      end.close();
      end.close();

      assertThat(TestFiles.openFiles()).isEqualTo(before);
      assertThat(new FileStatus().of(reader.number())).isZero();
    }
  }

  @Test
  void aClosedDescriptorIsNamed() {
    assertThatThrownBy(() -> WriteEnd.of(987_654)).hasMessage("statx(\"987654\"): EBADF");
  }

  private FileDescriptor fifo() {
    byte[] path = TestFiles.bytes(directory.resolve("fifo").toString());
    assertThat(
            ServerLibrary.LIBRARY.mkfifoat(-1, new PathBuffer().path(path, 0, path.length), 0600))
        .isZero();
    return new FileDescriptor(
        Libc.LIBRARY.openat(
            -1, new PathBuffer().path(path, 0, path.length), Libc.O_RDONLY | Libc.O_NONBLOCK, 0));
  }

  private static int fill(WriteEnd end) throws NativeException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(10_000);
    int total = 0;
    int n;
    do {
      chunk.clear();
      n = end.write(chunk);
      total += n;
    } while (n > 0);
    return total;
  }

  private static int readAll(FileDescriptor reader) throws NativeException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    int total = 0;
    for (int n = reader.read(buffer); n > 0; n = reader.read(buffer)) {
      total += n;
    }
    return total;
  }
}
