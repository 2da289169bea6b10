package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.crd.Definitions;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.ProcessBuilder.Redirect;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A real kube-apiserver over a real etcd, with RBAC, and no kubelet or scheduler beside it. In the
 * jar of this module's tests, because the distribution's tests run against it, too.
 */
public final class KubeApi implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int ATTEMPTS = 3;
  private static final String ADMINISTRATOR = "the-administrator";

  private final Path binaries;
  private final Path directory;
  private final List<String> options;
  private final Deque<Process> processes = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::kill);
  private Process server;
  private List<String> serverCommand = List.of();
  private KubeApiStore store;
  private int port;

  private KubeApi(Path binaries, Path directory, List<String> options) {
    this.binaries = binaries;
    this.options = options;
    this.directory = directory;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Serves when this returns. Skips the test if there are no binaries, or fails it under CI. */
  public static KubeApi start(Path directory) throws IOException, GeneralSecurityException {
    return start(directory, List.of());
  }

  /** As {@link #start(Path)}, with more options of kube-apiserver. */
  static KubeApi start(Path directory, List<String> options)
      throws IOException, GeneralSecurityException {
    Path binaries = KubeBinaries.find();
    AssertionError last = null;
    // A port that was free may be somebody else's by the time the server asks for it.
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      KubeApi api =
          new KubeApi(
              binaries, Files.createDirectories(directory.resolve("try" + attempt)), options);
      try {
        api.startServers();
        return api;
      } catch (AssertionError e) {
        last = e;
        api.close();
      }
    }
    throw last;
  }

  private void startServers() throws IOException, GeneralSecurityException {
    store =
        new KubeApiStore(
            binaries.resolve("etcd"), directory.resolve("data"), freePort(), freePort());
    launch(store.command());
    Path key = directory.resolve("accounts.key");
    Files.writeString(key, newKey());
    Path tokens = directory.resolve("tokens.csv");
    Files.writeString(tokens, ADMINISTRATOR + ",admin,admin,system:masters\n");
    port = freePort();
    serverCommand =
        new ArrayList<>(
            List.of(
                binaries.resolve("kube-apiserver").toString(),
                "--etcd-servers=" + store.url(),
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + directory.resolve("certificates"),
                "--service-cluster-ip-range=10.0.0.0/24",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + key,
                "--service-account-signing-key-file=" + key,
                "--token-auth-file=" + tokens,
                "--authorization-mode=RBAC",
                "--audit-policy-file=" + auditPolicy(),
                "--audit-log-path=" + audit(),
                // As every cluster has it that runs a network plugin: the agents ask for it.
                "--allow-privileged=true",
                // Makes pods wait for an account that only the controller manager would make.
                "--disable-admission-plugins=ServiceAccount"));
    serverCommand.addAll(options);
    server = launch(serverCommand);
    awaitReady();
  }

  /** Has it answer nobody, and keep every connection, until {@link #resume}. */
  public void pause() throws IOException, InterruptedException {
    Signals.stop(server);
  }

  public void resume() throws IOException, InterruptedException {
    Signals.resume(server);
  }

  /** Kills the API server and its etcd, and starts both again over the same data. */
  public void restart() throws IOException {
    die();
    comeBack();
  }

  /** Kills the API server and its etcd. */
  public void die() {
    kill();
    processes.clear();
  }

  /** Starts both again over the same data, and returns when they serve. */
  public void comeBack() throws IOException {
    launch(store.command());
    server = launch(serverCommand);
    awaitReady();
  }

  /** Kills etcd alone, and starts it again over the same data. */
  public void restartStore() throws IOException {
    Process dead = processes.removeLast();
    dead.destroyForcibly();
    dead.onExit().join();
    processes.addLast(start(store.command()));
    awaitReady();
  }

  /** Has etcd forget every version of everything but the newest. */
  void compact() throws IOException, InterruptedException {
    store.compact();
  }

  private void awaitReady() {
    try (KubernetesClient admin = client()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .until(
              () -> {
                assertThat(processes).as("servers; logs in " + logs()).allMatch(Process::isAlive);
                return "ok".equals(admin.raw("/readyz"))
                    && admin.namespaces().withName("default").get() != null;
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("not ready: " + logs(), e);
    }
  }

  public KubernetesClient client() {
    return client(ADMINISTRATOR);
  }

  public KubernetesClient client(String token) {
    return client(url(), token);
  }

  private static KubernetesClient client(String url, String token) {
    return new KubernetesClientBuilder()
        .withConfig(
            // Nothing of the machine's own kubeconfig.
            new ConfigBuilder(Config.empty())
                .withMasterUrl(url)
                .withOauthToken(token)
                .withTrustCerts(true)
                .withNamespace("default")
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }

  /** A kubeconfig file for the administrator. */
  public Path kubeconfig() throws IOException {
    return kubeconfig(ADMINISTRATOR);
  }

  /** A kubeconfig file for who has this token. */
  public Path kubeconfig(String token) throws IOException {
    return Files.writeString(
        directory.resolve("kubeconfig-" + Integer.toHexString(token.hashCode())),
        kubeconfig(url(), token));
  }

  static String kubeconfig(String url, String token) {
    return """
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters: [{name: test, cluster: {server: "%s", insecure-skip-tls-verify: true}}]
        users: [{name: test, user: {token: "%s"}}]
        """
        .formatted(url, token);
  }

  /** What kubectl prints, as administrator; fails the test unless it succeeds. */
  public String kubectl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(binaries.resolve("kubectl").toString());
    command.add("--kubeconfig=" + kubeconfig());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", directory.toString());
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed;
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  // The API server before the etcd that it would wait for.
  private void kill() {
    processes.forEach(
        process -> {
          process.destroyForcibly();
          process.onExit().join();
        });
  }

  String url() {
    return "https://127.0.0.1:" + port;
  }

  private Process launch(List<String> command) throws IOException {
    Process process = start(command);
    processes.push(process);
    return process;
  }

  private Process start(List<String> command) throws IOException {
    String name = Path.of(command.get(0)).getFileName().toString();
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(directory.resolve(name + ".log").toFile()))
        .start();
  }

  /** Our definitions, and the controller's account with the roles that are shipped for it. */
  public void installCustos() throws Exception {
    try (KubernetesClient admin = client()) {
      InstallCrdsCommand.install(admin, new PrintWriter(new StringWriter()));
      for (CustomResourceDefinition definition : Definitions.all()) {
        admin
            .resource(definition)
            .waitUntilCondition(KubeApi::isEstablished, PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
    kubectl("create", "namespace", "custos");
    URL roles = KubeApi.class.getResource("/META-INF/custos/rbac/controller.yaml");
    kubectl("apply", "--validate=strict", "-f", Path.of(roles.toURI()).toString());
  }

  private static boolean isEstablished(CustomResourceDefinition definition) {
    return definition != null
        && definition.getStatus() != null
        && definition.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Established") && c.getStatus().equals("True"));
  }

  /** A token of the controller's account, once the authorizer has heard of the roles. */
  public String controllerToken() {
    String token;
    try (KubernetesClient admin = client()) {
      token =
          admin
              .serviceAccounts()
              .inNamespace("custos")
              .withName("custos-controller")
              .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
              .getStatus()
              .getToken();
    }
    try (KubernetesClient controller = client(token)) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .until(() -> controller.pods().inAnyNamespace().list() != null);
    }
    return token;
  }

  private String logs() {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("etcd", "kube-apiserver")) {
      try {
        List<String> lines = Files.readAllLines(directory.resolve(name + ".log"));
        text.append(String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())));
      } catch (IOException e) {
        text.append(e);
      }
      text.append('\n');
    }
    return text.toString();
  }

  // What accounts ask for, and not the administrator; a watch counts when it begins.
  private Path auditPolicy() throws IOException {
    return Files.writeString(
        directory.resolve("audit.yaml"),
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - {level: Metadata, userGroups: ["system:serviceaccounts"]}
        - level: None
        """);
  }

  /** Each request of a service account, as JSON on a line, written before it is answered. */
  Path audit() {
    return directory.resolve("audit.log");
  }

  /**
   * A port that no connection gets by itself (ip(7), ip_local_port_range): it has to be free again
   * after the server was away for a while.
   */
  private static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 20_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Taken: the next one.
      }
    }
  }

  private static String newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
        + "\n-----END PRIVATE KEY-----\n";
  }
}
