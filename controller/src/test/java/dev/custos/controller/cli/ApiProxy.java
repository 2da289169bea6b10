package dev.custos.controller.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Stands in plain HTTP before an API server and passes on what it is asked, unless it is told to
 * refuse. One request to a connection, so that every request is seen; watches are passed on as they
 * are, by whatever protocol.
 */
final class ApiProxy implements AutoCloseable {
  private static final int LONGEST_HEAD = 64 * 1024;

  /** A request: its method and what it asks for, with the query. */
  record Request(String method, String target) {
    boolean isWatch() {
      return target.contains("watch=true");
    }

    /** Whether it lists objects of a kind; {@code plural} is as in paths. */
    boolean lists(String plural) {
      return method.equals("GET")
          && !isWatch()
          && URI.create(target).getPath().endsWith("/" + plural);
    }
  }

  private final ServerSocket listening;
  private final URI server;
  private final SSLContext tls;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<String> gone = new CopyOnWriteArrayList<>();
  private volatile Function<Request, Optional<String>> refusal = request -> Optional.empty();
  private volatile CountDownLatch held = new CountDownLatch(0);
  private volatile int page;

  private ApiProxy(ServerSocket listening, URI server, SSLContext tls) {
    this.listening = listening;
    this.server = server;
    this.tls = tls;
  }

  static ApiProxy before(KubeApi api) throws IOException, GeneralSecurityException {
    ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    ApiProxy proxy = new ApiProxy(listening, URI.create(api.url()), trustingAll());
    daemon(proxy::accept);
    return proxy;
  }

  String url() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  /** A kubeconfig file for who has this token. */
  Path kubeconfig(Path directory, String token) throws IOException {
    return Files.writeString(
        Files.createTempFile(directory, "kubeconfig", ""), KubeApi.kubeconfig(url(), token));
  }

  /** Answers these from now on with a status, such as {@code 403 Forbidden}. */
  void refuse(Predicate<Request> which, String status) {
    refusal = request -> which.test(request) ? Optional.of(status) : Optional.empty();
  }

  /** Answers nobody: connections are closed as soon as something was asked. */
  void hangUp() {
    refuse(request -> true, "");
    cut();
  }

  /** Ends every connection, and lets whoever asks again wait. */
  void hold() {
    held = new CountDownLatch(1);
    cut();
  }

  /** Lets nobody wait any more. */
  void release() {
    held.countDown();
  }

  /** Refuses nobody any more. */
  void passOn() {
    refusal = request -> Optional.empty();
  }

  /** Has lists come in pages of so many objects. */
  void pagesOf(int objects) {
    page = objects;
  }

  /** Ends every connection there is. */
  void cut() {
    open.forEach(ApiProxy::close);
  }

  /** All that were asked so far, the refused ones, too. */
  List<Request> requests() {
    return requests;
  }

  /** What was asked and answered by 410 "Gone", as a status or in a watch's stream. */
  List<String> gone() {
    return gone;
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    release();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        daemon(() -> serve(client));
      }
    } catch (SocketException e) {
      // Closed.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void serve(Socket client) {
    open.add(client);
    Socket upstream = null;
    try {
      String head = head(client.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      // GET /api/v1/pods?limit=500 HTTP/1.1
      int method = head.indexOf(' ');
      Request request =
          new Request(
              head.substring(0, method), head.substring(method + 1, head.indexOf(' ', method + 1)));
      requests.add(request);
      held.await();
      Optional<String> refused = refusal.apply(request);
      if (refused.isPresent()) {
        client.getOutputStream().write(answer(refused.get()));
        return;
      }
      Socket there = tls.getSocketFactory().createSocket(server.getHost(), server.getPort());
      upstream = there;
      open.add(there);
      there.getOutputStream().write(passedOn(head).getBytes(StandardCharsets.ISO_8859_1));
      there.getOutputStream().flush();
      daemon(() -> pump(client, there, bytes -> {}));
      pump(
          there,
          client,
          bytes -> {
            if (bytes.contains("\"code\":410")) {
              gone.add(request.target());
            }
          });
    } catch (IOException e) {
      // One of both has hung up.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forget(client);
      if (upstream != null) {
        forget(upstream);
      }
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0 && head.length() < LONGEST_HEAD) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private String passedOn(String head) {
    String passed = page > 0 ? head.replaceFirst("limit=\\d+", "limit=" + page) : head;
    if (passed.contains("Upgrade: websocket")) {
      return passed;
    }
    // Also without the client's offer to speak HTTP/2 from here on.
    return passed
        .replaceAll("(?i)\r\n(Connection|Upgrade|HTTP2-Settings): [^\r]*", "")
        .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
  }

  // As the API server writes its own refusals.
  private static byte[] answer(String status) {
    if (status.isEmpty()) {
      return new byte[0];
    }
    String code = status.substring(0, 3);
    String body =
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
         "message":"refused by the test","reason":"Test","code":%s}"""
            .formatted(code);
    return ("HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\nConnection: close\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private void pump(Socket from, Socket to, Consumer<String> seen) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        seen.accept(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        out.write(buffer, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      // One of both has hung up.
    } finally {
      close(from);
      close(to);
    }
  }

  private void forget(Socket socket) {
    close(socket);
    open.remove(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nobody is waiting for it.
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "api-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static SSLContext trustingAll() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, null);
    return context;
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
