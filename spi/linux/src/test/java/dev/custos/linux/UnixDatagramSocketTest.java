package dev.custos.linux;

import static dev.custos.linux.TestFiles.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnixDatagramSocketTest {
  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM_NONBLOCK = 2 | 0x80000 | 0x800;

  @TempDir Path directory;

  @Test
  void aDatagramReachesASocketWithAPath() throws Exception {
    String address = directory.resolve("socket").toString();
    try (FileDescriptor server = bind(bytes(address + "\0"));
        UnixDatagramSocket socket = UnixDatagramSocket.connect(address)) {
      assertThat(socket.send(message("hello"), 5)).isTrue();
      assertThat(receive(server)).isEqualTo("hello");
    }
  }

  @Test
  void aDatagramReachesAnAbstractSocket() throws Exception {
    String name = "custos-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    try (FileDescriptor server = bind(bytes("\0" + name));
        UnixDatagramSocket socket = UnixDatagramSocket.connect("@" + name)) {
      assertThat(socket.send(message("READY=1"), 7)).isTrue();
      assertThat(receive(server)).isEqualTo("READY=1");
    }
  }

  @Test
  void onlyTheGivenLengthIsSent() throws Exception {
    String address = directory.resolve("socket").toString();
    try (FileDescriptor server = bind(bytes(address + "\0"));
        UnixDatagramSocket socket = UnixDatagramSocket.connect(address)) {
      assertThat(socket.send(message("hello"), 2)).isTrue();
      assertThat(receive(server)).isEqualTo("he");
    }
  }

  @Test
  void aFullReceiverIsToldAndNotWaitedFor() throws Exception {
    String address = directory.resolve("socket").toString();
    try (FileDescriptor server = bind(bytes(address + "\0"));
        UnixDatagramSocket socket = UnixDatagramSocket.connect(address)) {
      ByteBuffer message = message("x");
      int sent = 0;
      while (socket.send(message, 1)) {
        sent++;
      }
      assertThat(sent).isPositive();
      assertThat(receive(server)).isEqualTo("x");
      assertThat(socket.send(message, 1)).isTrue();
    }
  }

  @Test
  void aReceiverThatWentAwayIsAnError() throws Exception {
    String address = directory.resolve("socket").toString();
    FileDescriptor server = bind(bytes(address + "\0"));
    try (UnixDatagramSocket socket = UnixDatagramSocket.connect(address)) {
      server.close();
      assertThatThrownBy(() -> socket.send(message("x"), 1))
          .isInstanceOf(NativeException.class)
          .hasMessageEndingWith("ECONNREFUSED");
    }
  }

  @Test
  void aMessageThatIsTooLongIsAnErrorWithItsName() throws Exception {
    String address = directory.resolve("socket").toString();
    int length = 16 << 20;
    try (FileDescriptor server = bind(bytes(address + "\0"));
        UnixDatagramSocket socket = UnixDatagramSocket.connect(address)) {
      assertThat(server.isOpen()).isTrue();
      assertThatThrownBy(() -> socket.send(ByteBuffer.allocateDirect(length), length))
          .isInstanceOf(NativeException.class)
          .hasMessageEndingWith("EMSGSIZE");
    }
  }

  @Test
  void aMissingSocketIsNamedInTheErrorAndLeavesNoDescriptor() throws Exception {
    String address = directory.resolve("nobody").toString();
    long before = openSockets();
    assertThatThrownBy(() -> UnixDatagramSocket.connect(address))
        .isInstanceOf(NativeException.class)
        .hasMessage("connect(\"" + address + "\"): ENOENT");
    assertThat(openSockets()).isEqualTo(before);
  }

  @Test
  void anAddressThatFitsNoSocketIsAnError() {
    assertThatThrownBy(() -> UnixDatagramSocket.connect("/" + "x".repeat(107)))
        .isInstanceOf(NativeException.class)
        .hasMessageEndingWith("ENAMETOOLONG");
    assertThatThrownBy(() -> UnixDatagramSocket.connect(""))
        .isInstanceOf(NativeException.class)
        .hasMessageEndingWith("EINVAL");
  }

  @Test
  void theLongestAddressesWork() throws Exception {
    String name = "custos-test-" + System.nanoTime() + "-";
    String longest = name + "x".repeat(106 - name.length());
    try (FileDescriptor server = bind(bytes("\0" + longest));
        UnixDatagramSocket socket = UnixDatagramSocket.connect("@" + longest)) {
      assertThat(socket.send(message("x"), 1)).isTrue();
      assertThat(receive(server)).isEqualTo("x");
    }
  }

  private static long openSockets() throws Exception {
    try (var descriptors = java.nio.file.Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(UnixDatagramSocketTest::isSocket).count();
    }
  }

  private static boolean isSocket(Path fd) {
    try {
      return java.nio.file.Files.readSymbolicLink(fd).toString().startsWith("socket:");
    } catch (java.io.IOException closedMeanwhile) {
      return false;
    }
  }

  private static ByteBuffer message(String text) {
    byte[] bytes = bytes(text);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).clear();
  }

  private static String receive(FileDescriptor server) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
    int n = (int) ServerLibrary.LIBRARY.recv(server.number(), buffer, 1024, 0);
    byte[] bytes = new byte[Math.max(n, 0)];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static FileDescriptor bind(byte[] path) {
    ByteBuffer address = ByteBuffer.allocateDirect(110).order(ByteOrder.nativeOrder());
    address.putShort(AF_UNIX).put(path);
    int fd = ServerLibrary.LIBRARY.socket(AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
    assertThat(ServerLibrary.LIBRARY.bind(fd, address.clear(), 2 + path.length)).isZero();
    return new FileDescriptor(fd);
  }
}
