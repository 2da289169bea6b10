package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.FakeAgent;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program, while a real API server does not list what it asks for: it says which list fails and
 * what to do, goes on by itself, and tells no agent anything that it made of half a cluster.
 */
@Timeout(300)
@ExtendWith(SharedKubeApi.class)
class ListErrorsTest {
  private static final Pattern METRICS = Pattern.compile("metrics and health are on port (\\d+)");

  @TempDir Path directory;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private KubeApi api;
  private KubernetesClient admin;
  private ApiProxy proxy;

  @BeforeEach
  void start(KubeApi shared) throws Exception {
    api = shared;
    admin = open(api.client());
    proxy = open(ApiProxy.before(api));
  }

  @AfterEach
  void close() throws Exception {
    admin.pods().inNamespace("default").withLabel("app", "listed").withGracePeriod(0).delete();
    api.kubectl("delete", "aw", "--all", "-n", "default");
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  @Test
  void anApiServerThatIsNotThereAtTheStartIsWaitedFor() throws Exception {
    proxy.hangUp();
    ControllerProcess controller = launch(api.controllerToken());
    controller.awaitSaid("no answer from the API server at " + proxy.url());
    assertThat(controller.said()).contains("tried again until there is one", "KUBECONFIG");
    assertThat(probe(controller, "/healthz").statusCode()).isEqualTo(200);
    assertThat(probe(controller, "/readyz"))
        .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(503))
        .satisfies(answer -> assertThat(answer.body()).contains("no answer from the API server"));
    proxy.passOn();
    controller.awaitPort();
    assertThat(probe(controller, "/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void aKindThatMayNotBeListedIsNamedAndNobodyIsLetInBeforeItIs() throws Exception {
    watch("w");
    Kubelet.run(admin, "default", "p", "node-403", "listed");
    String token = tokenThatMayNotListGuards();
    ControllerProcess controller = launch(token);
    controller.awaitSaid("janusguards.januscontroller.clustergarage.io can't be listed");
    assertThat(controller.said())
        .contains("is forbidden", "give the controller's account the roles")
        .doesNotContain("ready: ", "\tat ");
    assertThat(probe(controller, "/readyz"))
        .satisfies(answer -> assertThat(answer.statusCode()).isEqualTo(503))
        .satisfies(
            answer ->
                assertThat(answer.body())
                    .contains("the cluster is not listed yet", "janusguards", "is forbidden"));
    api.kubectl(
        "create",
        "clusterrolebinding",
        "half-the-roles-and-the-rest",
        "--clusterrole=custos-controller",
        "--serviceaccount=custos:half");
    controller.awaitPort();
    assertThat(agent(controller, "node-403").awaitSnapshot(s -> true).targets()).hasSize(1);
    api.kubectl("delete", "clusterrolebinding", "half-the-roles", "half-the-roles-and-the-rest");
  }

  @Test
  void listsThatFailHalfWayLeaveNothingOutOfAnySnapshot() throws Exception {
    watch("w");
    for (String pod : new String[] {"p1", "p2", "p3"}) {
      Kubelet.run(admin, "default", pod, "node-half", "listed");
    }
    // The first page of the pods comes, and the next never does.
    proxy.pagesOf(2);
    proxy.refuse(
        request -> request.lists("pods") && request.target().contains("continue="),
        "429 Too Many Requests");
    ControllerProcess controller = launch(api.controllerToken());
    controller.awaitSaid("pods can't be listed and watched: refused by the test");
    assertThat(controller.said())
        .contains("the API server has too much to do; tried again until it works")
        .doesNotContain("ready: ");
    proxy.passOn();
    controller.awaitPort();
    FakeAgent agent = agent(controller, "node-half");
    agent.awaitSnapshot(s -> targets(s).equals(Set.of("p1", "p2", "p3")));
    assertThat(agent.snapshots()).hasSize(1);
  }

  private static Set<String> targets(NodeSnapshot snapshot) {
    return snapshot.targets().stream().map(NodeSnapshot.Target::pod).collect(Collectors.toSet());
  }

  private String tokenThatMayNotListGuards() throws Exception {
    api.kubectl("create", "serviceaccount", "half", "-n", "custos");
    api.kubectl(
        "create",
        "clusterrole",
        "half-the-roles",
        "--verb=get,list,watch",
        "--resource=pods,arguswatchers.arguscontroller.clustergarage.io,"
            + "fimwatchers.fimcontroller.clustergarage.io");
    api.kubectl(
        "create",
        "clusterrolebinding",
        "half-the-roles",
        "--clusterrole=half-the-roles",
        "--serviceaccount=custos:half");
    return admin
        .serviceAccounts()
        .inNamespace("custos")
        .withName("half")
        .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
        .getStatus()
        .getToken();
  }

  private void watch(String name) throws Exception {
    Path file = Files.createTempFile(directory, "watcher", ".yaml");
    Files.writeString(
        file,
        """
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: %s, namespace: default}
        spec:
          selector: {matchLabels: {app: listed}}
          subjects: [{paths: [/srv/%s], events: [modify]}]
        """
            .formatted(name, name));
    api.kubectl("apply", "-f", file.toString());
  }

  private ControllerProcess launch(String token) throws IOException {
    return open(
        ControllerProcess.launch(proxy.kubeconfig(directory, token), "--no-leader-election"));
  }

  private FakeAgent agent(ControllerProcess controller, String node) throws IOException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
    opened.push(channel::shutdownNow);
    return FakeAgent.of(node, channel);
  }

  private static HttpResponse<String> probe(ControllerProcess controller, String page)
      throws IOException, InterruptedException {
    Matcher port = METRICS.matcher(controller.said());
    assertThat(port.find()).as(controller.said()).isTrue();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1) + page)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private <T extends AutoCloseable> T open(T one) {
    opened.push(one);
    return one;
  }
}
