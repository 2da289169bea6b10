package dev.custos.sinks.syslog;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server of which the test says, connection by connection, how it behaves. */
final class FakeServer implements AutoCloseable {
  /** What is done with one connection. */
  interface Behaviour {
    void serve(Client client) throws Exception;
  }

  private final ServerSocket socket;
  private final BlockingQueue<Behaviour> behaviours = new LinkedBlockingQueue<>();
  private final List<Socket> clients = new CopyOnWriteArrayList<>();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();

  FakeServer() throws IOException {
    this(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  FakeServer(InetAddress address) throws IOException {
    socket = new ServerSocket(0, 50, address);
    Thread thread = new Thread(this::accept, "fake server");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** How the next connection, in order, is served. */
  FakeServer then(Behaviour behaviour) {
    behaviours.add(behaviour);
    return this;
  }

  /** What went wrong while serving, but for connections that ended. */
  List<Throwable> faults() {
    return faults;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        clients.add(client);
        Behaviour behaviour = behaviours.poll(60, TimeUnit.SECONDS);
        Thread thread = new Thread(() -> serve(client, behaviour), "fake connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException | InterruptedException e) {
      // The test is over.
      return;
    }
  }

  private void serve(Socket client, Behaviour behaviour) {
    try {
      behaviour.serve(new Client(client));
      // Not closed: with something left to read that would be a reset.
      client.shutdownOutput();
    } catch (IOException e) {
      // The other side has gone.
      return;
    } catch (Exception | AssertionError e) {
      faults.add(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket client : clients) {
      client.close();
    }
  }

  /** One connection as the server sees it. */
  static final class Client {
    private final Socket socket;
    private final InputStream in;

    Client(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** A message with octet counting; null at the end. */
    String message() throws IOException {
      String length = upTo(' ');
      return length == null ? null : take(Integer.parseInt(length));
    }

    /** A frame of RELP but for its data's length; null at the end. */
    RelpFrame frame() throws IOException {
      String transaction = upTo(' ');
      if (transaction == null) {
        return null;
      }
      String command = upTo(' ');
      StringBuilder digits = new StringBuilder();
      int c = in.read();
      while (c >= '0' && c <= '9') {
        digits.append((char) c);
        c = in.read();
      }
      String data = "";
      if (c == ' ') {
        data = take(Integer.parseInt(digits.toString()));
        c = in.read();
      }
      if (c != '\n') {
        throw new AssertionError("a frame ends with " + c);
      }
      return new RelpFrame(Integer.parseInt(transaction), command, data);
    }

    /** Answers the opening of a RELP session. */
    void opened() throws IOException {
      RelpFrame open = frame();
      respond(open.transaction(), "200 OK\nrelp_version=0\nrelp_software=fake\ncommands=syslog");
    }

    void respond(int transaction, String data) throws IOException {
      send(transaction + " rsp " + data.length() + " " + data + "\n");
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String upTo(char end) throws IOException {
      StringBuilder text = new StringBuilder();
      int c = in.read();
      if (c < 0) {
        return null;
      }
      while (c != end) {
        if (c < 0) {
          throw new EOFException();
        }
        text.append((char) c);
        c = in.read();
      }
      return text.toString();
    }

    private String take(int count) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(in.readNBytes(count));
      if (bytes.size() < count) {
        throw new EOFException();
      }
      return bytes.toString(StandardCharsets.UTF_8);
    }

    void close() throws IOException {
      socket.close();
    }

    /** Closes it such that the other side gets a reset, as when a process is killed. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }
}
