package dev.custos.controller.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.FakeAgent;
import dev.custos.controller.identity.ServerCertificate;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.status.RepeatedEvent;
import dev.custos.protocol.v1.CoverageState;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tokens of a real kube-apiserver, and certificates in it, with exactly the shipped roles. */
@Timeout(300)
@ExtendWith(SharedKubeApi.class)
class RealIdentityTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String NAMESPACE = "custos";
  private static final String SECRET = "custos-controller-tls";
  private static final String CONFIG_MAP = "custos-controller-ca";

  private static KubeApi api;
  private static KubernetesClient admin;

  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeAll
  static void start(KubeApi shared) {
    api = shared;
    admin = api.client();
    for (String account : List.of("custos-agent", "other")) {
      admin
          .resource(
              new ServiceAccountBuilder()
                  .withNewMetadata()
                  .withNamespace(NAMESPACE)
                  .withName(account)
                  .endMetadata()
                  .build())
          .createOr(NonDeletingOperation::update);
    }
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      admin.close();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    admin.pods().inNamespace(NAMESPACE).withGracePeriod(0).delete();
  }

  private static Pod pod(String name, String node, String account) {
    return admin
        .resource(
            new PodBuilder(Kubelet.pod(NAMESPACE, name, node, Map.of()))
                .editSpec()
                .withServiceAccountName(account)
                .endSpec()
                .build())
        .create();
  }

  /** As a kubelet asks for one to project it into a pod; null for one that is bound to none. */
  private static String token(String account, String audience, Pod pod) {
    TokenRequestBuilder request =
        new TokenRequestBuilder()
            .withNewSpec()
            .withAudiences(audience)
            .withExpirationSeconds(3600L)
            .endSpec();
    if (pod != null) {
      request
          .editSpec()
          .withNewBoundObjectRef()
          .withApiVersion("v1")
          .withKind("Pod")
          .withName(pod.getMetadata().getName())
          .withUid(pod.getMetadata().getUid())
          .endBoundObjectRef()
          .endSpec();
    }
    return admin
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(account)
        .tokenRequest(request.build())
        .getStatus()
        .getToken();
  }

  private ControllerProcess controller() throws Exception {
    ControllerProcess controller =
        ControllerProcess.launchWith(
            api.kubeconfig(api.controllerToken()),
            List.of("--no-leader-election", "--tls-name", "localhost"));
    opened.add(controller);
    controller.awaitPort();
    return controller;
  }

  /** An agent that trusts what the ConfigMap says. */
  private FakeAgent agent(ControllerProcess controller, String node, String token)
      throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", controller.awaitPort())
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forClient()
                            .trustManager(new ByteArrayInputStream(trusted().getBytes(US_ASCII))),
                        SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .build())
            .build();
    opened.add(channel::shutdownNow);
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    Channel calls =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    return FakeAgent.of(node, calls);
  }

  private static void assertRefused(FakeAgent agent, Status.Code code, String reason) {
    Status end = agent.awaitEnd();
    assertThat(end.getCode()).as(String.valueOf(end)).isEqualTo(code);
    assertThat(end.getDescription()).contains(reason);
    assertThat(agent.snapshots()).isEmpty();
  }

  @Test
  void anAgentIsKnownByTheTokenOfItsPodAndByNothingElse() throws Exception {
    Pod one = pod("agent-1", "node-1", "custos-agent");
    Pod other = pod("other-1", "node-1", "other");
    ControllerProcess controller = controller();
    String token = token("custos-agent", "custos", one);
    FakeAgent agent = agent(controller, "node-1", token);
    assertThat(agent.awaitSnapshot(s -> true).node()).isEqualTo("node-1");

    assertRefused(
        agent(controller, "node-2", token),
        Status.Code.PERMISSION_DENIED,
        "the token's pod runs on node-1");
    assertRefused(
        agent(controller, "node-1", token("custos-agent", "vault", one)),
        Status.Code.UNAUTHENTICATED,
        "not for the audience");
    assertRefused(
        agent(controller, "node-1", token("other", "custos", other)),
        Status.Code.UNAUTHENTICATED,
        "not of the agents' ServiceAccount");
    assertRefused(
        agent(controller, "node-1", token("custos-agent", "custos", null)),
        Status.Code.UNAUTHENTICATED,
        "not bound to a pod");
    String forged = token.substring(0, token.length() - 8) + "AAAAAAAA";
    assertRefused(
        agent(controller, "node-1", forged), Status.Code.UNAUTHENTICATED, "does not accept");

    admin.resource(one).withGracePeriod(0).delete();
    assertThat(agent.awaitEnd().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    FakeAgent late = agent(controller, "node-1", token);
    assertThat(late.awaitEnd().getCode())
        .isIn(Status.Code.UNAUTHENTICATED, Status.Code.UNAVAILABLE);
    assertThat(late.snapshots()).isEmpty();
  }

  @Test
  void certificatesOutliveTheControllerThatMadeThem() throws Exception {
    Pod one = pod("agent-1", "node-1", "custos-agent");
    try (ControllerProcess first = controller()) {
      agent(first, "node-1", token("custos-agent", "custos", one)).awaitSnapshot(s -> true);
    }
    Map<String, String> made = secret();
    assertThat(made).containsOnlyKeys("ca.crt", "ca.key", "tls.crt", "tls.key");
    ControllerProcess second = controller();
    agent(second, "node-1", token("custos-agent", "custos", one)).awaitSnapshot(s -> true);
    assertThat(secret()).isEqualTo(made);
  }

  /** Makes, reads and changes both objects, so that a verb which the roles lack would show. */
  @Test
  void theShippedRolesSufficeForCertificatesAndTheirRenewal() throws Exception {
    admin.secrets().inNamespace(NAMESPACE).withName(SECRET).delete();
    admin.configMaps().inNamespace(NAMESPACE).withName(CONFIG_MAP).delete();
    try (KubernetesClient controller = api.client(api.controllerToken())) {
      ServerCertificate.ofOwnAuthority(controller, NAMESPACE, List.of("a.example")).close();
      Map<String, String> made = secret();
      ServerCertificate.ofOwnAuthority(controller, NAMESPACE, List.of("a.example")).close();
      assertThat(secret()).isEqualTo(made);
      // A name that the certificate is not for has it renewed.
      ServerCertificate.ofOwnAuthority(controller, NAMESPACE, List.of("b.example")).close();
      assertThat(secret().get("ca.crt")).isEqualTo(made.get("ca.crt"));
      assertThat(secret().get("tls.crt")).isNotEqualTo(made.get("tls.crt"));
      admin
          .configMaps()
          .inNamespace(NAMESPACE)
          .withName(CONFIG_MAP)
          .edit(
              map -> {
                map.getData().put("ca.crt", "somebody else's");
                return map;
              });
      ServerCertificate.ofOwnAuthority(controller, NAMESPACE, List.of("b.example")).close();
      assertThat(trusted()).startsWith("-----BEGIN CERTIFICATE-----");
      assertForbidden(() -> controller.secrets().inNamespace(NAMESPACE).list());
      assertForbidden(() -> controller.secrets().inNamespace(NAMESPACE).withName("other").get());
      assertForbidden(() -> controller.secrets().inNamespace("default").withName(SECRET).get());
      assertForbidden(() -> controller.configMaps().inNamespace(NAMESPACE).withName("other").get());
    }
  }

  @Test
  void replicasThatStartTogetherAgreeOnOneAuthority() throws Exception {
    admin.secrets().inNamespace(NAMESPACE).withName(SECRET).delete();
    admin.configMaps().inNamespace(NAMESPACE).withName(CONFIG_MAP).delete();
    ExecutorService replicas = Executors.newFixedThreadPool(4);
    try (KubernetesClient controller = api.client(api.controllerToken())) {
      List<Callable<Void>> starts =
          Collections.nCopies(
              4,
              () -> {
                ServerCertificate.ofOwnAuthority(controller, NAMESPACE, List.of("a")).close();
                return null;
              });
      for (Future<Void> start : replicas.invokeAll(starts)) {
        start.get();
      }
    } finally {
      replicas.shutdownNow();
    }
    assertThat(trusted())
        .isEqualTo(new String(Base64.getDecoder().decode(secret().get("ca.crt")), US_ASCII));
  }

  /** A verb too few would keep something from working, and one too many is nobody's business. */
  @Test
  void theProgramUsesEveryVerbOfTheShippedRolesAndNeedsNoOther() throws Exception {
    admin.secrets().inNamespace(NAMESPACE).withName(SECRET).delete();
    admin.configMaps().inNamespace(NAMESPACE).withName(CONFIG_MAP).delete();
    admin.leases().inNamespace(NAMESPACE).withName("custos-controller").delete();
    String account = api.controllerToken();
    UsedVerbs used = UsedVerbs.from(api);
    try (KubernetesClient controller = api.client(account)) {
      ServerCertificate.ofOwnAuthority(controller, NAMESPACE, List.of("a.example")).close();
    }
    // Another name has the certificate renewed, and another text has what agents trust put right.
    admin.configMaps().inNamespace(NAMESPACE).withName(CONFIG_MAP).edit(RealIdentityTest::spoilt);
    ControllerProcess controller =
        ControllerProcess.launchWith(api.kubeconfig(account), List.of("--tls-name", "localhost"));
    opened.add(controller);
    controller.awaitPort();
    HasMetadata watcher = wish("argus", "ArgusWatcher", "paths");
    wish("fim", "FimWatcher", "paths");
    wish("janus", "JanusGuard", "deny");
    Pod own = pod("agent-1", "node-1", "custos-agent");
    FakeAgent agent = agent(controller, "node-1", token("custos-agent", "custos", own));
    run(pod("served", "node-1", "other"));
    agent.applied(
        agent.awaitSnapshot(s -> s.targets().size() == 1), CoverageState.COVERAGE_STATE_ACTIVE);
    try (KubernetesClient teller = api.client(account)) {
      RepeatedEvent.tell(
          teller,
          new ResourceKey("ArgusWatcher", NAMESPACE, "every-pod"),
          watcher.getMetadata().getUid());
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(used.granted()).isEqualTo(UsedVerbs.shipped(admin)));
    assertThat(used.forbidden()).isEmpty();
  }

  private static ConfigMap spoilt(ConfigMap map) {
    return new ConfigMapBuilder(map).addToData("ca.crt", "somebody else's").build();
  }

  /** One for all pods of the namespace; the agents' own are never among them. */
  private HasMetadata wish(String group, String kind, String field) {
    HasMetadata made =
        admin
            .resource(
                """
                apiVersion: %scontroller.clustergarage.io/v1alpha1
                kind: %s
                metadata: {name: every-pod, namespace: %s}
                spec:
                  selector: {}
                  subjects: [{%s: [/srv], events: [open]}]
                """
                    .formatted(group, kind, NAMESPACE, field))
            .create();
    opened.add(() -> admin.resource(made).delete());
    return made;
  }

  // No kubelet is there to say it.
  private static void run(Pod pod) {
    admin
        .resource(Kubelet.running(pod, "containerd://" + pod.getMetadata().getName()))
        .patchStatus();
  }

  private static String trusted() {
    return admin
        .configMaps()
        .inNamespace(NAMESPACE)
        .withName(CONFIG_MAP)
        .get()
        .getData()
        .get("ca.crt");
  }

  private static void assertForbidden(Runnable request) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              try {
                request.run();
                throw new AssertionError("not forbidden");
              } catch (KubernetesClientException e) {
                assertThat(e.getCode()).isEqualTo(403);
              }
            });
  }

  private static Map<String, String> secret() {
    return admin.secrets().inNamespace(NAMESPACE).withName(SECRET).get().getData();
  }
}
