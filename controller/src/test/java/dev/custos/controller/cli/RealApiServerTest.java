package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.Controller;
import dev.custos.controller.FakeAgent;
import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.WatcherStatus;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.snapshot.NodeSnapshot;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real kube-apiserver makes of the definitions, the roles and the program. */
@Timeout(300)
@ExtendWith(SharedKubeApi.class)
class RealApiServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String WATCHER =
      """
      apiVersion: %s.clustergarage.io/v1alpha1
      kind: %s
      metadata: {name: %s, namespace: default}
      spec:
        selector: {matchLabels: {app: %s}}
        subjects: [%s]
      """;

  private static KubeApi api;
  private static KubernetesClient admin;

  private final List<HasMetadata> made = new ArrayList<>();

  @BeforeAll
  static void start(KubeApi shared) {
    api = shared;
    admin = api.client();
  }

  private static String resource(String name) throws URISyntaxException {
    return Path.of(RealApiServerTest.class.getResource(name).toURI()).toString();
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      admin.close();
    }
  }

  @AfterEach
  void remove() {
    // No kubelet is there to say that a pod's containers have ended.
    made.forEach(object -> admin.resource(object).withGracePeriod(0).delete());
  }

  @Test
  void theDefinitionsAreStructuralAndMayBeInstalledAgain() {
    InstallCrdsCommand.install(admin, new PrintWriter(new StringWriter()));
    assertThat(admin.apiextensions().v1().customResourceDefinitions().list().getItems())
        .hasSize(3)
        .allSatisfy(
            d ->
                assertThat(d.getStatus().getConditions())
                    .filteredOn(c -> c.getStatus().equals("True"))
                    .extracting(c -> c.getType())
                    .containsExactlyInAnyOrder("NamesAccepted", "Established"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{paths: [etc/passwd], events: [open]}          | spec.subjects[0].paths[0]",
        "{paths: [/a/../b], events: [open]}             | spec.subjects[0].paths[0]",
        "{paths: [/a], events: [modfy]}                 | spec.subjects[0].events[0]",
        "{paths: [/a], events: [open], maxDepth: -1}    | spec.subjects[0].maxDepth",
        "{paths: [], events: [open]}                    | spec.subjects[0].paths",
        "{events: [open]}                               | spec.subjects[0].paths",
        "{paths: [/a], events: []}                      | spec.subjects[0].events",
        "\"\"                                           | spec.subjects",
      })
  void aWatcherThatCanNeverWorkIsRefusedWithTheNameOfTheField(String subject, String field) {
    for (String kind : List.of("ArgusWatcher", "FimWatcher")) {
      assertRefused(watcher(kind, "refused", "web", subject), field);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{events: [open]}                   | spec.subjects[0]",
        "{allow: [], deny: []}              | spec.subjects[0]",
        "{deny: [bin/sh]}                   | spec.subjects[0].deny[0]",
        "{deny: [/bin/sh], maxDepth: -1}    | spec.subjects[0].maxDepth",
        "{deny: [/bin/sh], events: [opn]}   | spec.subjects[0].events[0]",
      })
  void aGuardThatCanNeverWorkIsRefusedWithTheNameOfTheField(String subject, String field) {
    assertRefused(watcher("JanusGuard", "refused", "web", subject), field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"watchers.yaml", "guards.yaml"})
  void theReferenceSystemsExamplesAreAcceptedAsTheyAre(String file) throws Exception {
    String examples = resource("/examples/" + file);
    // An unknown field would otherwise be left out with no more than a warning.
    String applied = api.kubectl("apply", "--validate=strict", "-f", examples);
    assertThat(applied.lines()).isNotEmpty().allMatch(line -> line.endsWith(" created"));
    api.kubectl("delete", "-f", examples);
  }

  @Test
  void theShippedManifestsAreAcceptedInFull() throws Exception {
    Path shipped = Path.of("..", "dist", "src", "main", "kubernetes");
    String applied = api.kubectl("apply", "--validate=strict", "-f", shipped.toString());
    assertThat(applied.lines())
        // About the namespace, which was made in another way.
        .filteredOn(line -> !line.startsWith("Warning: "))
        .contains(
            "deployment.apps/custos-controller created",
            "daemonset.apps/custos-agent created",
            "service/custos-controller created")
        .allMatch(line -> line.endsWith(" created") || line.endsWith(" configured"));
    Deployment controller =
        admin.apps().deployments().inNamespace("custos").withName("custos-controller").get();
    List<String> arguments =
        controller.getSpec().getTemplate().getSpec().getContainers().get(0).getArgs();
    assertThat(CustosController.commandLine().parseArgs(arguments.toArray(new String[0])).errors())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "arguswatchers.spec.subjects.paths, Absolute paths",
    "fimwatchers.spec.subjects.maxDepth, integer",
    "janusguards.spec.subjects.deny, Absolute paths",
    "janusguards.status.guardedPods, How many"
  })
  void kubectlExplainsEveryField(String field, String text) {
    // The server publishes schemas a moment after it has accepted them.
    await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(api.kubectl("explain", field)).contains(text));
  }

  @ParameterizedTest
  @CsvSource({"aw, ArgusWatcher, WATCHED", "fw, FimWatcher, WATCHED", "jg, JanusGuard, GUARDED"})
  void kubectlShowsTheCountsByTheShortName(String shortName, String kind, String served)
      throws Exception {
    HasMetadata resource = make(kind, "columns", "nobody");
    String counts = served.toLowerCase(Locale.ROOT) + "Pods";
    api.kubectl(
        "patch",
        shortName,
        resource.getMetadata().getName(),
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\": {\"observablePods\": 3, \"" + counts + "\": 2}}");
    List<String> lines = api.kubectl("get", shortName).lines().toList();
    assertThat(lines.get(0).split(" +")).containsExactly("NAME", "OBSERVABLE", served);
    assertThat(lines.get(1).split(" +")).containsExactly("columns", "3", "2");
  }

  @Test
  void aStatusInWhatIsAppliedIsLeftToTheController() {
    GenericKubernetesResource resource =
        (GenericKubernetesResource)
            admin
                .resource(watcher("ArgusWatcher", "own-status", "nobody", valid("ArgusWatcher")))
                .item();
    resource.setAdditionalProperty("status", Map.of("observablePods", 7));
    made.add(resource);
    HasMetadata stored = admin.resource(resource).create();
    assertThat(((GenericKubernetesResource) stored).getAdditionalProperties())
        .doesNotContainKey("status");
  }

  @Test
  void withTheShippedRolesTheProgramFollowsEveryKindAndWritesItsStatus() throws Exception {
    String token = api.controllerToken();
    try (ControllerProcess controller = ControllerProcess.start(api.kubeconfig(token))) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", controller.port()).usePlaintext().build();
      try {
        FakeAgent agent = FakeAgent.of("node-1", channel);
        agent.awaitSnapshot(s -> s.targets().isEmpty());
        // All of these are new after the listing, so that each has to come by a watch.
        for (String kind : List.of("ArgusWatcher", "FimWatcher", "JanusGuard")) {
          make(kind, "w", "web");
        }
        makePod("p1", "node-1");
        makePod("p2", null);
        NodeSnapshot snapshot = agent.awaitSnapshot(RealApiServerTest::hasEveryKind);
        agent.applied(snapshot, CoverageState.COVERAGE_STATE_ACTIVE);
        awaitCounts("ArgusWatcher", "watchedPods", 2, 1);
        awaitCounts("FimWatcher", "watchedPods", 2, 1);
        awaitCounts("JanusGuard", "guardedPods", 2, 1);
        admin.pods().withName("p1").withGracePeriod(0).delete();
        agent.awaitSnapshot(s -> s.targets().isEmpty());
        awaitCounts("ArgusWatcher", "watchedPods", 1, 0);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void aChangedSpecIsCountedOnlyWhenAnAgentHasAppliedIt() throws Exception {
    String name = UUID.randomUUID().toString();
    try (KubernetesClient client = api.client(api.controllerToken());
        Controller controller =
            new Controller(client, () -> InProcessServerBuilder.forName(name))) {
      controller.start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        make("ArgusWatcher", "w", "web");
        makePod("p1", "node-1");
        FakeAgent agent = FakeAgent.of("node-1", channel);
        NodeSnapshot first = agent.awaitSnapshot(s -> s.targets().size() == 1);
        agent.applied(first, CoverageState.COVERAGE_STATE_ACTIVE);
        awaitWatcherStatus(1, 1, 1);
        admin
            .resource(watcher("ArgusWatcher", "w", "web", "{paths: [/other], events: [open]}"))
            .patch();
        awaitWatcherStatus(2, 1, 0);
        NodeSnapshot second = agent.awaitSnapshot(s -> !s.version().equals(first.version()));
        agent.applied(second, CoverageState.COVERAGE_STATE_ACTIVE);
        awaitWatcherStatus(2, 1, 1);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void theShippedRolesAllowNothingBesides() {
    try (KubernetesClient controller = api.client(api.controllerToken())) {
      assertForbidden(() -> controller.secrets().list());
      assertForbidden(() -> controller.pods().withName("p").delete());
      HasMetadata watcher =
          admin.resource(watcher("ArgusWatcher", "w", "web", valid("ArgusWatcher"))).item();
      assertForbidden(() -> controller.resource(watcher).create());
    }
  }

  private static void assertForbidden(Runnable request) {
    assertThatThrownBy(request::run)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
  }

  private static void assertRefused(String manifest, String field) {
    assertThatThrownBy(() -> admin.resource(manifest).create())
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(422))
        .hasMessageContaining(field);
  }

  private static void awaitWatcherStatus(long generation, int observable, int watched) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(admin.resources(ArgusWatcher.class).withName("w").get().getStatus())
                    .extracting(
                        WatcherStatus::observedGeneration,
                        WatcherStatus::observablePods,
                        WatcherStatus::watchedPods)
                    .containsExactly(generation, observable, watched));
  }

  private void awaitCounts(String kind, String served, int observable, int expected) {
    HasMetadata watcher = made.stream().filter(o -> o.getKind().equals(kind)).findFirst().get();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(status(watcher))
                    .containsEntry("observedGeneration", 1)
                    .containsEntry("observablePods", observable)
                    .containsEntry(served, expected));
  }

  private static Map<String, Object> status(HasMetadata resource) {
    return ((GenericKubernetesResource) admin.resource(resource).get()).get("status");
  }

  private static boolean hasEveryKind(NodeSnapshot snapshot) {
    return snapshot.targets().size() == 1
        && snapshot.targets().get(0).watches().size() == 2
        && snapshot.targets().get(0).guards().size() == 1;
  }

  private HasMetadata make(String kind, String name, String app) {
    HasMetadata resource = admin.resource(watcher(kind, name, app, valid(kind))).create();
    made.add(resource);
    return resource;
  }

  private void makePod(String name, String node) {
    Pod pod = Kubelet.pod("default", name, node, Map.of("app", "web"));
    made.add(admin.resource(pod).create());
    if (node != null) {
      admin.resource(Kubelet.running(pod, "containerd://" + name)).patchStatus();
    }
  }

  private static String valid(String kind) {
    return kind.equals("JanusGuard")
        ? "{allow: [/srv], events: [open]}"
        : "{paths: [/srv], events: [modify]}";
  }

  private static String watcher(String kind, String name, String app, String subject) {
    String group =
        Map.of(
                "ArgusWatcher", "arguscontroller",
                "FimWatcher", "fimcontroller",
                "JanusGuard", "januscontroller")
            .get(kind);
    return WATCHER.formatted(group, kind, name, app, Objects.requireNonNullElse(subject, ""));
  }
}
