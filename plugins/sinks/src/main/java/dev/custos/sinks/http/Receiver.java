package dev.custos.sinks.http;

import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The server that events are posted to: one request at a time, over a connection that is kept.
 *
 * <p>Each request ends: with an answer, or with an error, within the time for connecting and that
 * for the request, the answer's body included; or when its thread is interrupted. The HTTP client
 * has two threads, its own and one for what it hands out; the second ends when there is nothing to
 * do for a while.
 */
final class Receiver implements AutoCloseable {
  /** Answers of {@code _bulk} tell of each event; others are read for their first words. Bytes. */
  private static final int LONGEST_ANSWER = 2 * 1024 * 1024;

  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private final HttpSettings settings;
  private final String place;
  private final ThreadPoolExecutor executor;
  private final HttpClient client;
  private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();

  Receiver(String sink, HttpSettings settings) {
    this.settings = settings;
    this.place = settings.shownUrl();
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "custos-http-" + sink);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            // A redirect would send events, and secrets, where nobody said.
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .executor(executor);
    // Without this, system properties would decide.
    builder.proxy(
        settings
            .proxy()
            .map(proxy -> ProxySelector.of(proxy.address()))
            .orElse(HttpClient.Builder.NO_PROXY));
    if (settings.tls().isPresent()) {
      builder.sslContext(settings.tls().get().context());
      builder.sslParameters(settings.tls().get().parameters());
    } else {
      builder.sslContext(noTls());
    }
    this.client = builder.build();
  }

  /** Trusts nobody; without it the client would load all that the JDK trusts, some megabytes. */
  private static SSLContext noTls() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  /** Posts a body and waits for the answer. */
  Answer post(Encoding encoding, JsonBuffer body, String idempotencyKey) throws SinkException {
    ArrayBody bytes = settings.gzip() ? gzip(body) : new ArrayBody(body.array(), body.length());
    List<Authorization.Field> fields = secrets();
    Answer answer = send(request(encoding, bytes, idempotencyKey), fields);
    if (isRefusal(answer.status()) && !fields.isEmpty()) {
      // A secret may have been replaced between reading it and the server's look at it.
      List<Authorization.Field> now = secrets();
      for (int i = 0; i < fields.size(); i++) {
        if (!now.get(i).isAs(fields.get(i))) {
          return send(request(encoding, bytes, idempotencyKey), now);
        }
      }
    }
    return answer;
  }

  private static boolean isRefusal(int status) {
    return status == UNAUTHORIZED || status == FORBIDDEN || status == Proxy.AUTHENTICATION_REQUIRED;
  }

  /** What says who we are, to the server and to the proxy, as it is now. */
  private List<Authorization.Field> secrets() throws SinkException {
    List<Authorization.Field> fields = new ArrayList<>(2);
    if (settings.authorization().isPresent()) {
      fields.add(settings.authorization().get().field());
    }
    Optional<Authorization> proxy = settings.proxy().flatMap(Proxy::authorization);
    if (proxy.isPresent()) {
      // Of requests in a tunnel the client gives this to the proxy alone.
      fields.add(proxy.get().field());
    }
    return fields;
  }

  private HttpRequest.Builder request(Encoding encoding, ArrayBody body, String idempotencyKey) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.url())
            .timeout(settings.requestTimeout())
            .setHeader("User-Agent", settings.userAgent())
            .setHeader("Content-Type", encoding.contentType())
            .setHeader("Idempotency-Key", idempotencyKey)
            .POST(body);
    settings.headers().forEach(request::setHeader);
    return settings.gzip() ? request.setHeader("Content-Encoding", "gzip") : request;
  }

  private ArrayBody gzip(JsonBuffer body) {
    compressed.reset();
    try (FastGzip out = new FastGzip(compressed)) {
      out.write(body.array(), 0, body.length());
    } catch (IOException e) {
      throw new IllegalStateException("memory can't fail as a stream", e);
    }
    byte[] bytes = compressed.toByteArray();
    return new ArrayBody(bytes, bytes.length);
  }

  /** The level that costs least: events repeat themselves so much that it takes off most. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(ByteArrayOutputStream out) throws IOException {
      super(out, 16 * 1024);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private Answer send(HttpRequest.Builder request, List<Authorization.Field> secrets)
      throws SinkException {
    for (Authorization.Field field : secrets) {
      request.setHeader(field.name(), field.value());
    }
    CompletableFuture<HttpResponse<BoundedBody.Read>> answer =
        client.sendAsync(request.build(), head -> new BoundedBody(LONGEST_ANSWER));
    // The client's own time limits end with the answer's header.
    Duration limit = settings.connectTimeout().plus(settings.requestTimeout());
    try {
      HttpResponse<BoundedBody.Read> got = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      // The client makes up an answer without a body where a proxy refuses a tunnel with 407.
      BoundedBody.Read body = got.body();
      return new Answer(
          got.statusCode(),
          got.headers().firstValue("Retry-After"),
          got.headers().firstValue("Location"),
          body == null ? new byte[0] : body.bytes(),
          body == null || body.whole());
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw fault("no whole answer within " + seconds(limit), e);
    } catch (InterruptedException e) {
      // Cancelling closes the connection: what comes of the request is no longer heard.
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw fault("interrupted", e);
    } catch (ExecutionException e) {
      throw fault(describe(e.getCause()), e.getCause());
    }
  }

  private SinkException fault(String what, Throwable cause) {
    return SinkException.temporary("POST " + place + ": " + what, cause);
  }

  private String describe(Throwable cause) {
    if (cause instanceof HttpConnectTimeoutException) {
      return "no connection within " + seconds(settings.connectTimeout());
    }
    if (cause instanceof HttpTimeoutException) {
      return "no answer within " + seconds(settings.requestTimeout());
    }
    for (Throwable c = cause; c != null; c = c.getCause()) {
      if (c instanceof UnresolvedAddressException) {
        return "the host's name can't be resolved";
      }
    }
    if (cause instanceof ConnectException) {
      return "can't connect" + (cause.getMessage() == null ? "" : ": " + escaped(cause));
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : escaped(cause);
  }

  /** A message may quote what the other side sent. */
  private static String escaped(Throwable cause) {
    String text = Printable.escape(cause.getMessage());
    return text.length() > 300 ? text.substring(0, 300) + "..." : text;
  }

  private static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** {@code https://host/path}, for errors. */
  String place() {
    return place;
  }

  /**
   * Lets go of the client, which closes its connection and ends its thread when nobody refers to it
   * any more (JDK 17 has no other way). The executor stays usable: the client may yet hand it
   * something.
   */
  @Override
  public void close() {
    executor.setKeepAliveTime(1, TimeUnit.MILLISECONDS);
  }
}
