package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A connected datagram socket in the Unix domain, unix(7): what {@code /dev/log} and systemd's
 * {@code NOTIFY_SOCKET} are. Sends never block. Not thread-safe.
 */
public final class UnixDatagramSocket implements AutoCloseable {
  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int FLAGS = 0x80000 | 0x800;
  private static final int PATH_LIMIT = 107;

  private final FileDescriptor socket;
  private Poller poller;

  private UnixDatagramSocket(FileDescriptor socket) {
    this.socket = socket;
  }

  /**
   * Connects to a socket.
   *
   * @param address a path, or a name in the abstract name space that starts with {@code @}
   */
  public static UnixDatagramSocket connect(String address) throws NativeException {
    byte[] path = address.getBytes(StandardCharsets.UTF_8);
    if (path.length == 0) {
      throw new NativeException("connect", address, Errno.EINVAL);
    }
    if (path.length > PATH_LIMIT) {
      throw new NativeException("connect", address, Errno.ENAMETOOLONG);
    }
    boolean isAbstract = path[0] == '@';
    ByteBuffer sockaddr = ByteBuffer.allocateDirect(110).order(ByteOrder.nativeOrder());
    sockaddr.putShort(AF_UNIX).put(path);
    if (isAbstract) {
      sockaddr.put(2, (byte) 0);
    }
    int fd = Libc.LIBRARY.socket(AF_UNIX, SOCK_DGRAM | FLAGS, 0);
    if (fd < 0) {
      throw new NativeException("socket", "", Libc.errno());
    }
    FileDescriptor socket = new FileDescriptor(fd);
    int length = 2 + path.length + (isAbstract ? 0 : 1);
    if (Libc.LIBRARY.connect(fd, sockaddr.clear(), length) != 0) {
      int errno = Libc.errno();
      socket.close();
      throw new NativeException("connect", address, errno);
    }
    return new UnixDatagramSocket(socket);
  }

  /**
   * Sends one datagram.
   *
   * @param message direct; its first {@code length} bytes are sent
   * @return whether it was sent; false if the receiver's queue is full
   */
  public boolean send(ByteBuffer message, int length) throws NativeException {
    return socket.write(message, length) >= 0;
  }

  /**
   * Waits until the receiver's queue has room, or an error is there to be told by {@link #send}.
   *
   * @param timeoutMillis 0 to only look
   * @return whether there is
   */
  public boolean awaitRoom(int timeoutMillis) throws NativeException {
    if (poller == null) {
      poller = new Poller();
      poller.add(socket.number(), Poller.WRITABLE);
    }
    poller.await(timeoutMillis);
    return poller.isReady(0);
  }

  @Override
  public void close() {
    if (poller != null) {
      poller.close();
    }
    socket.close();
  }
}
