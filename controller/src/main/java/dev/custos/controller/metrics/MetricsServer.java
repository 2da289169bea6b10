package dev.custos.controller.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /metrics}, {@code /healthz} and {@code /readyz} over HTTP. Nothing can be changed
 * through it. Two threads answer, and are there only while somebody asks; requests beyond what they
 * manage are turned away, and one that is sent slowly is cut off.
 */
public final class MetricsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int THREADS = 2;
  private static final int WAITING = 16;

  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  /** An answer. */
  private record Answer(int status, String type, String body) {
    static Answer text(int status, String body) {
      return new Answer(status, TEXT, body + "\n");
    }
  }

  private MetricsServer(HttpServer server, ThreadPoolExecutor threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to serve.
   *
   * @throws IOException if the address can't be had; a {@link java.net.BindException} if it is
   *     taken
   */
  public static MetricsServer start(
      InetSocketAddress address, ControllerMetrics metrics, Health health) throws IOException {
    limitSlowness();
    HttpServer server = HttpServer.create(address, WAITING);
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "custos-metrics");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
    PrometheusText text = new PrometheusText(metrics);
    Map<String, Function<HttpExchange, Answer>> pages =
        Map.of(
            "/metrics", exchange -> metrics(text, exchange),
            "/healthz", exchange -> verdict(health.notLiving()),
            "/readyz", exchange -> verdict(health.notReady()));
    server.createContext("/", exchange -> answer(exchange, pages));
    server.start();
    return new MetricsServer(server, threads);
  }

  /** The JDK's server waits for ever by default; seconds, read when its classes are loaded. */
  private static void limitSlowness() {
    for (String limit : List.of("sun.net.httpserver.maxReqTime", "sun.net.httpserver.maxRspTime")) {
      if (System.getProperty(limit) == null) {
        System.setProperty(limit, "10");
      }
    }
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static Answer metrics(PrometheusText text, HttpExchange exchange) {
    PrometheusText.Page page = text.page(exchange.getRequestHeaders().getFirst("Accept"));
    return new Answer(200, page.contentType(), page.body());
  }

  private static Answer verdict(List<String> faults) {
    return faults.isEmpty() ? Answer.text(200, "ok") : Answer.text(503, String.join("\n", faults));
  }

  private static void answer(
      HttpExchange exchange, Map<String, Function<HttpExchange, Answer>> pages) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer = answerTo(exchange, pages);
      } catch (RuntimeException e) {
        LOG.warn("Answering a request failed", e);
        answer = Answer.text(500, "this is a fault of the controller itself; its log says more");
      }
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
      if (!head) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(body);
        }
      }
    }
  }

  private static Answer answerTo(
      HttpExchange exchange, Map<String, Function<HttpExchange, Answer>> pages) {
    Function<HttpExchange, Answer> page = pages.get(exchange.getRequestURI().getPath());
    if (page == null) {
      return Answer.text(404, "there is /metrics, /healthz and /readyz");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return Answer.text(405, "only GET and HEAD");
    }
    return page.apply(exchange);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
