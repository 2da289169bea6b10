package dev.custos.dist;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * An HTTP receiver that appends each request's lines to a file, and misbehaves as told: it refuses,
 * drops connections before or after it has stored what they brought, and dies and comes back.
 */
final class FlakyReceiver implements FlakyEndpoint {
  private final Path file;
  private final BufferedWriter out;
  private final SplittableRandom random;
  private final int port;
  private volatile boolean flaky = true;
  private volatile String last = "";
  private HttpServer server;

  FlakyReceiver(Path file, long seed) throws IOException {
    this.file = file;
    this.random = new SplittableRandom(seed);
    this.out =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.server = listen(0);
    this.port = server.getAddress().getPort();
  }

  private HttpServer listen(int on) throws IOException {
    HttpServer fresh =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 0);
    fresh.createContext("/", this::handle);
    fresh.start();
    return fresh;
  }

  String url() {
    return "http://127.0.0.1:" + port + "/events";
  }

  @Override
  public String settings() {
    return "type = http, url = \"%s\", dead-letter.directory = \"%s\""
        .formatted(url(), file.resolveSibling("dead"));
  }

  @Override
  public synchronized void die() {
    server.stop(0);
  }

  @Override
  public synchronized void comeBack() {
    // For a moment another process may have the port for a connection of its own.
    await("port " + port).ignoreExceptions().until(() -> (server = listen(port)) != null);
  }

  @Override
  public void behave() {
    flaky = false;
  }

  @Override
  public String last() {
    return last;
  }

  @Override
  public Path file() {
    return file;
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    int dice = flaky ? random.nextInt(100) : 99;
    if (dice < 4) {
      exchange.close();
    } else if (dice < 8) {
      answer(exchange, 503);
    } else if (dice < 12) {
      answer(exchange, 500);
    } else if (dice < 16) {
      store(body);
      // The sender can't know that this was stored.
      exchange.close();
    } else {
      store(body);
      answer(exchange, 200);
    }
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  /** Has a lock of its own: whoever stops the server waits for the requests that it handles. */
  private void store(byte[] body) throws IOException {
    String text = new String(body, StandardCharsets.UTF_8);
    synchronized (out) {
      out.write(text);
      out.flush();
      String lines = text.stripTrailing();
      last = lines.substring(lines.lastIndexOf('\n') + 1);
    }
  }

  @Override
  public void close() throws IOException {
    die();
    out.close();
  }
}
