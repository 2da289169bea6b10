package dev.custos.sinks.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPInputStream;

/**
 * An HTTP server that does as a test says, right or wrong. Each request gets the behaviour that was
 * asked for next; when none is left, it is answered with 200.
 */
final class TestReceiver implements AutoCloseable {
  /** A request as it came; the body is unpacked. */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Request(String line, Map<String, String> headers, byte[] raw, int connection) {
    String path() {
      return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
    }

    String header(String name) {
      return headers.get(name);
    }

    String body() {
      if (!"gzip".equals(header("Content-Encoding"))) {
        return new String(raw, StandardCharsets.UTF_8);
      }
      try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(raw))) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new AssertionError("no gzip: " + e, e);
      }
    }
  }

  /** What is done about a request. */
  interface Behaviour {
    void answer(Socket socket, OutputStream out, CountDownLatch end) throws Exception;
  }

  private final ServerSocket server;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Deque<Behaviour> next = new ArrayDeque<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private Behaviour otherwise = status(200);
  private int connections;

  TestReceiver() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept, "receiver");
  }

  private static void start(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  int port() {
    return server.getLocalPort();
  }

  /** Requests from now on, in this order. */
  synchronized TestReceiver next(Behaviour... behaviours) {
    next.addAll(List.of(behaviours));
    return this;
  }

  /** All requests that none of {@link #next} is left for. */
  synchronized TestReceiver otherwise(Behaviour behaviour) {
    otherwise = behaviour;
    return this;
  }

  synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  synchronized int connections() {
    return connections;
  }

  static Behaviour status(int status, String... headersAndBody) {
    return (socket, out, end) -> {
      String body = headersAndBody.length % 2 == 0 ? "" : headersAndBody[headersAndBody.length - 1];
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said so\r\n");
      for (int i = 0; i + 1 < headersAndBody.length; i += 2) {
        head.append(headersAndBody[i]).append(": ").append(headersAndBody[i + 1]).append("\r\n");
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
      out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      out.write(bytes);
      out.flush();
    };
  }

  /** Sends this and then nothing more, without closing. */
  static Behaviour stallAfter(String text) {
    return (socket, out, end) -> {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      end.await();
    };
  }

  /** Sends this and closes. */
  static Behaviour say(byte[] bytes) {
    return (socket, out, end) -> {
      out.write(bytes);
      out.flush();
      socket.close();
    };
  }

  /** Sends this, and then the rest over and over until the client has enough. */
  static Behaviour endless(String start, byte[] rest) {
    return (socket, out, end) -> {
      out.write(start.getBytes(StandardCharsets.ISO_8859_1));
      while (end.getCount() > 0) {
        out.write(rest);
        out.flush();
      }
    };
  }

  /** Resets the connection instead of an answer. */
  static Behaviour reset() {
    return (socket, out, end) -> {
      // Close with a linger time of 0 sends RST; socket(7).
      socket.setSoLinger(true, 0);
      socket.close();
    };
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        int number;
        synchronized (this) {
          sockets.add(socket);
          number = ++connections;
        }
        start(() -> serve(socket, number), "receiver " + number);
      } catch (IOException e) {
        // Closed by the test's end.
        return;
      }
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      while (!socket.isClosed()) {
        String line = line(in);
        if (line == null) {
          return;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String field = line(in); field != null && !field.isEmpty(); field = line(in)) {
          int colon = field.indexOf(':');
          headers.put(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        byte[] body = in.readNBytes(length);
        Behaviour behaviour;
        synchronized (this) {
          requests.add(new Request(line, headers, body, number));
          behaviour = next.isEmpty() ? otherwise : next.poll();
        }
        behaviour.answer(socket, socket.getOutputStream(), end);
      }
    } catch (Exception e) {
      // The client went away, which some behaviours are there to bring about.
      return;
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    end.countDown();
    server.close();
    List<Socket> open;
    synchronized (this) {
      open = List.copyOf(sockets);
    }
    for (Socket socket : open) {
      socket.close();
    }
  }
}
