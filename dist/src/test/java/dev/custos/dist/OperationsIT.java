package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.CustosProcess.custos;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator has: metrics, status, the configuration read again, sinks tried. */
class OperationsIT {
  private static final Pattern ENDPOINT =
      Pattern.compile("metrics: http://(127\\.0\\.0\\.1:\\d+)/");

  @TempDir Path dir;

  private Path watched;
  private Path manifest;
  private Path conf;

  @BeforeEach
  void prepare() throws IOException {
    watched = Files.createDirectory(dir.resolve("watched"));
    conf = dir.resolve("custos.conf");
    manifest =
        Files.writeString(
            dir.resolve("web.yaml"),
            """
            apiVersion: arguscontroller.clustergarage.io/v1alpha1
            kind: ArgusWatcher
            metadata:
              name: web
            spec:
              selector:
                matchLabels:
                  app: web
              logFormat: "{event} {path}{sep}{file}"
              subjects:
                - paths:
                    - %s
                  events:
                    - create
            """
                .formatted(watched));
  }

  private CustosProcess run(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("run", "-f", manifest.toString()));
    arguments.addAll(List.of(more));
    return custos(arguments.toArray(new String[0]));
  }

  /** With an endpoint and a configuration of these sinks. */
  private CustosProcess runWithSinks(String sinks) throws IOException {
    write(sinks);
    return run("-c", conf.toString(), "--metrics", "127.0.0.1:0").awaitReady();
  }

  private void write(String sinks) throws IOException {
    Files.writeString(conf, "custos.sinks {\n" + sinks + "\n}\n");
  }

  private static String http(String name, Receiver receiver) {
    return name + " { type = http, url = \"" + receiver.url() + "\", retry.initial = 100ms }";
  }

  /** Has a port, so that nobody else gets it, and does not listen. */
  private static Socket refusing() throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  private static String address(Socket bound) {
    return "127.0.0.1:" + bound.getLocalPort();
  }

  private static void awaitErr(CustosProcess custos, String part) {
    await("stderr with " + part)
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(custos.err()).anyMatch(line -> line.contains(part)));
  }

  private static String endpoint(CustosProcess custos) {
    for (String line : custos.err()) {
      Matcher matcher = ENDPOINT.matcher(line);
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    throw new AssertionError("no endpoint in " + custos.err());
  }

  private static HttpResponse<String> get(CustosProcess custos, String path)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + endpoint(custos) + path))
                .timeout(DEADLINE)
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private void awaitEventAt(Receiver receiver, String file) throws IOException {
    Files.createFile(watched.resolve(file));
    await("event of " + file)
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(receiver.received()).contains("\"" + file + "\""));
  }

  @Test
  void runServesMetricsAndHealthAndStatusShowsThem() throws Exception {
    try (CustosProcess custos = runWithSinks("console { type = stdout }")) {
      Files.createFile(watched.resolve("file"));
      custos.awaitLine("CREATE " + watched + "/file");
      await("figures")
          .atMost(DEADLINE)
          .untilAsserted(
              () ->
                  assertThat(get(custos, "/metrics").body())
                      .contains("custos_events_total{backend=\"inotify\",event=\"create\"} 1.0\n")
                      .contains("custos_sink_events_written_total{sink=\"console\"} 1.0\n")
                      .contains("custos_paths{backend=\"inotify\",state=\"active\"} 1.0\n"));
      assertThat(get(custos, "/healthz").body()).isEqualTo("ok\n");
      assertThat(get(custos, "/readyz").statusCode()).isEqualTo(200);

      try (CustosProcess status = custos("status", "--address", endpoint(custos))) {
        assertThat(status.awaitExit()).as("%s", status.out()).isZero();
        assertThat(String.join("\n", status.out()))
            .contains(", ready, healthy, ")
            .contains("watch (inotify): 1 target, 1 paths: 1 active, 0 pending, 0 failed")
            .contains("sink console: open, 1 written, 0 queued");
      }
      try (CustosProcess status = custos("status", "--json", "--address", endpoint(custos))) {
        assertThat(status.awaitExit()).isZero();
        assertThat(status.out()).singleElement().asString().contains("\"healthy\":true");
      }
    }
  }

  @Test
  void statusEndsWithThreeAndTheReasonWhileASinkFails() throws Exception {
    try (Socket nobody = refusing();
        CustosProcess custos =
            runWithSinks("web { type = http, url = \"http://" + address(nobody) + "/\" }")) {
      Files.createFile(watched.resolve("file"));
      awaitErr(custos, "sink web fails");
      try (CustosProcess status = custos("status", "--address", endpoint(custos))) {
        assertThat(status.awaitExit()).isEqualTo(3);
        assertThat(String.join("\n", status.out()))
            .contains("not healthy", "sink web: failing", "last error: ")
            .contains("problem: sink web fails, and is tried again");
      }
    }
  }

  @Test
  void statusSaysThatNoAgentAnswers() throws Exception {
    try (Socket nobody = refusing();
        CustosProcess status = custos("status", "--address", address(nobody))) {
      assertThat(status.awaitExit()).isEqualTo(2);
      assertThat(status.err())
          .singleElement()
          .asString()
          .contains("no agent answers at " + address(nobody))
          .contains("is one running");
    }
  }

  @Test
  void anEndpointThatIsTakenStopsOnlyWhoAskedForIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      try (CustosProcess custos = run("--metrics", address)) {
        assertThat(custos.awaitExit()).isEqualTo(2);
        assertThat(String.join("\n", custos.err()))
            .contains("metrics can't be served at " + address, "in use", "--metrics off");
      }
    }
  }

  @Test
  void aDefaultEndpointThatIsTakenStopsNobody() throws Exception {
    // If somebody else has it already, the first goes on without, otherwise the second.
    try (CustosProcess first = run().awaitReady();
        CustosProcess second = run().awaitReady()) {
      assertThat(Stream.of(first, second).flatMap(custos -> custos.err().stream()))
          .anyMatch(line -> line.contains("127.0.0.1:9464") && line.endsWith("going on without"));
    }
  }

  @Test
  void sighupTakesTheSinksOverThatTheFileHasNow() throws Exception {
    try (Receiver kept = new Receiver(200);
        Receiver added = new Receiver(200);
        CustosProcess custos = runWithSinks(http("kept", kept))) {
      awaitEventAt(kept, "first");
      write(http("kept", kept) + "\n" + http("added", added));
      custos.signal("HUP");
      awaitErr(custos, "configuration read again: added added; kept kept");
      awaitEventAt(added, "second");
      await()
          .atMost(DEADLINE)
          .untilAsserted(() -> assertThat(kept.received()).contains("\"second\""));
      assertThat(added.received()).doesNotContain("\"first\"");

      custos.signal("TERM");
      assertThat(custos.awaitExit()).isEqualTo(143);
    }
  }

  @Test
  void aFaultyFileChangesNothingAndIsToldInFull() throws Exception {
    try (Receiver receiver = new Receiver(200);
        CustosProcess custos = runWithSinks(http("web", receiver))) {
      write("other { type = htp }\nmore { type = stdout, queue.memry = 1 }");
      custos.signal("HUP");
      awaitErr(custos, "the configuration stays as it was");
      assertThat(custos.err())
          .anyMatch(
              line ->
                  line.contains(conf + ": 2: custos.sinks.other.type is \"htp\"")
                      && line.endsWith("did you mean \"http\"?"))
          .anyMatch(line -> line.contains(conf + ": 3: custos.sinks.more.queue.memry"));
      awaitEventAt(receiver, "after");
      assertThat(get(custos, "/metrics").body())
          .contains("custos_config_reloads_total{result=\"refused\"} 1.0\n");
    }
  }

  @Test
  void whatOnlyAStartCanChangeIsRefused() throws Exception {
    try (CustosProcess custos = runWithSinks("console { type = stdout }")) {
      Files.writeString(conf, "\ncustos.watch.backend = inotify\ncustos.apply.deadline = 7s\n");
      custos.signal("HUP");
      awaitErr(custos, "custos.apply.deadline can't change while the agent runs");
      awaitErr(custos, "the configuration stays as it was");
    }
  }

  /** A kubelet exchanges the link ..data, and nothing else. */
  @Test
  void anExchangedConfigMapIsTakenOver() throws Exception {
    try (Receiver receiver = new Receiver(200)) {
      for (String version : new String[] {"..1", "..2"}) {
        Files.createDirectory(dir.resolve(version));
      }
      Files.writeString(dir.resolve("..1/custos.conf"), "custos.sinks { c { type = stdout } }");
      Files.writeString(
          dir.resolve("..2/custos.conf"), "custos.sinks { " + http("web", receiver) + " }");
      Files.createSymbolicLink(dir.resolve("..data"), Path.of("..1"));
      Files.createSymbolicLink(conf, Path.of("..data/custos.conf"));
      try (CustosProcess custos = run("-c", conf.toString(), "--metrics", "off").awaitReady()) {
        Files.createSymbolicLink(dir.resolve("..tmp"), Path.of("..2"));
        Files.move(dir.resolve("..tmp"), dir.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        awaitErr(custos, "configuration read again: added web; removed c");
        awaitEventAt(receiver, "file");
      }
    }
  }

  @Test
  void sighupEndsAWatch() throws Exception {
    write("console { type = stdout }");
    try (CustosProcess custos =
        custos("watch", "-c", conf.toString(), watched.toString()).awaitReady()) {
      custos.signal("HUP");
      assertThat(custos.awaitExit()).isEqualTo(129);
    }
  }

  @Test
  void sinksCheckSendsAMarkedEventToEach() throws Exception {
    try (Receiver receiver = new Receiver(200)) {
      write(http("web", receiver) + "\nconsole { type = stdout }");
      try (CustosProcess custos = custos("sinks", "check", "-c", conf.toString())) {
        assertThat(custos.awaitExit()).as("%s %s", custos.out(), custos.err()).isZero();
        assertThat(custos.out())
            .anyMatch(line -> line.matches("web \\(http\\): sent \\(\\d+ ms\\)"))
            .anyMatch(line -> line.matches("console \\(stdout\\): sent \\(\\d+ ms\\)"))
            .anyMatch(line -> line.startsWith("FINDING sinks-check test by custos"));
      }
      assertThat(receiver.received()).contains("sinks-check");
    }
  }

  @Test
  void sinksCheckTellsWhoDidNotTakeItAndWhy() throws Exception {
    try (Socket nobody = refusing();
        Receiver refusing = new Receiver(400);
        Receiver good = new Receiver(200)) {
      write(
          http("refuses", refusing)
              + "\naway { type = http, url = \"http://"
              + address(nobody)
              + "/\" }\n"
              + http("good", good));
      try (CustosProcess custos = custos("sinks", "check", "--json", "-c", conf.toString())) {
        assertThat(custos.awaitExit()).isEqualTo(3);
        assertThat(custos.out())
            .singleElement()
            .asString()
            .containsPattern("\"outcome\":\"rejected\",\"sink\":\"refuses\",\"type\":\"http\"")
            .containsPattern("\"outcome\":\"unreachable\",\"sink\":\"away\",\"type\":\"http\"")
            .containsPattern("\"outcome\":\"sent\",\"sink\":\"good\",\"type\":\"http\"");
      }
    }
  }

  @Test
  void aProxyIsGivenItsPasswordForATunnelToo() throws Exception {
    Path password = Files.writeString(dir.resolve("password"), "open sesame");
    try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<List<String>> asked =
          CompletableFuture.supplyAsync(() -> refuseTunnel(proxy));
      write(
          """
          away {
            type = http, url = "https://logs.example/", proxy = "http://127.0.0.1:%d"
            proxy-auth { user = me, password { file = "%s" } }
          }
          """
              .formatted(proxy.getLocalPort(), password));
      try (CustosProcess custos = custos("sinks", "check", "-c", conf.toString())) {
        assertThat(asked.get(60, TimeUnit.SECONDS))
            .contains("CONNECT logs.example:443 HTTP/1.1")
            .contains("Proxy-Authorization: Basic bWU6b3BlbiBzZXNhbWU=");
        assertThat(custos.awaitExit()).isEqualTo(3);
        assertThat(custos.out())
            .singleElement()
            .asString()
            .contains("does not take this user and password: see proxy-auth");
      }
    }
  }

  private static List<String> refuseTunnel(ServerSocket proxy) {
    List<String> head = new ArrayList<>();
    try (Socket client = proxy.accept()) {
      var in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
        head.add(line);
      }
      String answer =
          "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n";
      client.getOutputStream().write(answer.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return head;
  }

  @Test
  void everyFaultOfAConfigurationIsToldAtOnce() throws Exception {
    write("a { type = http, ulr = x }\nb { type = stdout, retry.max = 5 }");
    try (CustosProcess custos = custos("sinks", "check", "-c", conf.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(1);
      assertThat(custos.err())
          .hasSize(2)
          .anyMatch(line -> line.contains(": 2: custos.sinks.a.ulr is not a setting; did you mean"))
          .anyMatch(line -> line.contains(": 3: custos.sinks.b.retry.max is 5; expected a time"))
          .noneMatch(line -> line.contains("\tat "));
    }
  }
}
