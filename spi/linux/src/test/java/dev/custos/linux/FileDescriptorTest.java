package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDescriptorTest {
  @TempDir Path directory;

  @Test
  void closingTwiceLeavesADescriptorAloneThatGotTheNumberSince() throws Exception {
    FileDescriptor first = PathOpener.openRoot(directory.toString());
    int number = first.number();
    first.close();
    try (FileDescriptor second = PathOpener.openRoot(directory.toString())) {
      // The kernel gives out the lowest free number, so this is the one just closed.
      assertThat(second.number()).isEqualTo(number);
      first.close();
      assertThat(new FileStatus().of(second.number())).isZero();
    }
  }

  @Test
  void aClosedDescriptorRefusesToTellItsNumber() throws Exception {
    FileDescriptor descriptor = PathOpener.openRoot("/");
    descriptor.close();

    assertThat(descriptor.isOpen()).isFalse();
    assertThatThrownBy(descriptor::number).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aNegativeNumberIsNoDescriptor() {
    assertThatThrownBy(() -> new FileDescriptor(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readFillsTheBufferFromItsStartWhateverItsPosition() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "0123456789abcdef");
    ByteBuffer buffer = ByteBuffer.allocateDirect(8);
    buffer.position(5).limit(6);

    try (FileDescriptor descriptor = TestFiles.openForReading(file)) {
      assertThat(descriptor.read(buffer)).isEqualTo(8);
    }

    assertThat(buffer.position()).isEqualTo(5);
    assertThat(buffer.limit()).isEqualTo(6);
    byte[] bytes = new byte[8];
    buffer.get(0, new byte[0]).clear().get(bytes);
    assertThat(bytes).isEqualTo("01234567".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void readTellsTheEndOfAFile() throws Exception {
    Path file = Files.createFile(directory.resolve("empty"));
    try (FileDescriptor descriptor = TestFiles.openForReading(file)) {
      assertThat(descriptor.read(ByteBuffer.allocateDirect(8))).isZero();
    }
  }

  @Test
  void aFailedReadNamesCallAndErrno() throws Exception {
    try (FileDescriptor handle = PathOpener.openRoot("/")) {
      assertThatThrownBy(() -> handle.read(ByteBuffer.allocateDirect(8)))
          .isInstanceOf(NativeException.class)
          .hasMessage("read: EBADF");
    }
  }
}
