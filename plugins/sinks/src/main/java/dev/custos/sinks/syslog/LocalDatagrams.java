package dev.custos.sinks.syslog;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.linux.UnixDatagramSocket;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The socket of the local daemon, {@code /dev/log}: rsyslog, syslog-ng or systemd-journald. */
final class LocalDatagrams implements Datagrams {
  private final String path;
  private UnixDatagramSocket socket;
  private ByteBuffer direct = ByteBuffer.allocateDirect(8192);

  LocalDatagrams(String path) {
    this.path = path;
  }

  @Override
  public void prepare() throws IOException {
    if (socket == null) {
      socket = UnixDatagramSocket.connect(path);
    }
  }

  @Override
  public Outcome send(MessageBuffer message) throws IOException {
    if (direct.capacity() < message.length()) {
      direct = ByteBuffer.allocateDirect(message.length());
    }
    direct.clear().put(message.array(), 0, message.length());
    try {
      prepare();
      return offer(message.length());
    } catch (NativeException e) {
      // A daemon that was started anew has another socket under the same name: connect(2) once
      // more.
      close();
      if (e.errno() != Errno.ECONNREFUSED && e.errno() != Errno.ENOTCONN) {
        throw e;
      }
    }
    try {
      prepare();
      return offer(message.length());
    } catch (NativeException e) {
      close();
      throw e;
    }
  }

  private Outcome offer(int length) throws NativeException {
    try {
      return socket.send(direct, length) ? Outcome.SENT : Outcome.NO_ROOM;
    } catch (NativeException e) {
      if (e.errno() == Errno.ENOBUFS) {
        return Outcome.NO_ROOM;
      }
      if (e.errno() == Errno.EMSGSIZE) {
        return Outcome.TOO_LARGE;
      }
      throw e;
    }
  }

  @Override
  public void awaitRoom(int millis) throws IOException {
    socket.awaitRoom(millis);
  }

  @Override
  public void check() {
    // A local daemon that is gone shows at once.
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }
}
