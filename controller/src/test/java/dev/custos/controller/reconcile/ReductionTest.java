package dev.custos.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.identity.AgentAccount;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.PlacedPod;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.ManifestReader;
import dev.custos.snapshot.SnapshotBuilder.ContainerOnNode;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReductionTest {
  private static final String HASH = "8f8a1cbb8e0e5a3cf3c3cd3a2f6a1d90";
  private static final String WATCHER =
      """
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata: {name: w, namespace: ns, uid: u1, generation: 3}
      spec:
        selector:
          matchLabels: {app: web, empty: ""}
          matchExpressions:
          - {key: tier, operator: In, values: [a, ""]}
        logFormat: "{event} {tags}"
        subjects:
        - paths: [/var/log//x/, /srv]
          events: [modify, close]
          ignore: [.git]
          recursive: true
          maxDepth: 2
          tags: {k: ""}
        - paths: [/etc]
          events: [all]
      """;

  private static final String GUARD =
      """
      apiVersion: januscontroller.clustergarage.io/v1alpha1
      kind: JanusGuard
      metadata: {name: g, namespace: ns, uid: u2, generation: 1}
      spec:
        mode: Observe
        subjects:
        - deny: [/bin/sh]
          audit: true
          processes: {executables: [/usr/bin/x], uids: [0, 7]}
      """;

  @Test
  void aResourceMeansInAClusterWhatItMeansInAFile() {
    DesiredResource watcher =
        Reduction.resource(Serialization.unmarshal(WATCHER, ArgusWatcher.class));
    DesiredResource guard = Reduction.resource(Serialization.unmarshal(GUARD, JanusGuard.class));
    assertThat(watcher).isEqualTo(new DesiredResource(fromFile(WATCHER), "u1", 3, ""));
    assertThat(guard).isEqualTo(new DesiredResource(fromFile(GUARD), "u2", 1, ""));
  }

  @Test
  void whatTheSchemaLetsThroughAndAFileMayNotHoldIsAFault() {
    String faulty = WATCHER.replace("{event} {tags}", "{evnt}").replace("[a, \"\"]", "[]");
    DesiredResource watcher =
        Reduction.resource(Serialization.unmarshal(faulty, ArgusWatcher.class));
    assertThat(watcher.fault())
        .contains("spec.logFormat: ", "evnt", "spec.selector.matchExpressions[0]");
    assertThat(watcher.key().toString()).isEqualTo("ArgusWatcher ns/w");
  }

  @Test
  void onlyAPodOfTheAgentsOwnAccountIsNeverATarget() {
    assertThat(Reduction.pod(pod("custos", "custos-agent"), AgentAccount.DEFAULT)).isEmpty();
    assertThat(Reduction.pod(pod("custos", "default"), AgentAccount.DEFAULT)).isPresent();
    assertThat(Reduction.pod(pod("shop", "custos-agent"), AgentAccount.DEFAULT)).isPresent();
  }

  @Test
  void everyContainerIsServedFromWhenItRunsWhetherReadyOrNot() {
    Pod pod =
        new PodBuilder(pod("shop", "default"))
            .withNewStatus()
            .withPhase("Pending")
            .withInitContainerStatuses(ended("init-done"), running("init-sidecar"))
            .withContainerStatuses(running("main"), waiting("other"))
            .withEphemeralContainerStatuses(running("debug"))
            .endStatus()
            .build();
    assertThat(reduced(pod).pod().containers())
        .containsExactly(
            new ContainerOnNode("init-sidecar", "containerd://init-sidecar"),
            new ContainerOnNode("main", "containerd://main"),
            new ContainerOnNode("debug", "containerd://debug"));
  }

  @Test
  void aPodThatHasEndedForGoodIsNone() {
    for (String phase : List.of("Succeeded", "Failed")) {
      Pod pod =
          new PodBuilder(pod("shop", "default"))
              .withNewStatus()
              .withPhase(phase)
              .endStatus()
              .build();
      assertThat(Reduction.pod(pod, AgentAccount.DEFAULT)).as(phase).isEmpty();
    }
  }

  private static ContainerStatus running(String name) {
    return status(name).withNewState().withNewRunning().endRunning().endState().build();
  }

  private static ContainerStatus ended(String name) {
    return status(name).withNewState().withNewTerminated().endTerminated().endState().build();
  }

  /** As between two runs of a container: the id is that of the one before. */
  private static ContainerStatus waiting(String name) {
    return status(name).withNewState().withNewWaiting().endWaiting().endState().build();
  }

  private static ContainerStatusBuilder status(String name) {
    return new ContainerStatusBuilder()
        .withName(name)
        .withReady(false)
        .withContainerID("containerd://" + name);
  }

  @Test
  void aStaticPodIsWhatTheKubeletNamesItsCgroupsAfter() {
    PlacedPod placed = reduced(mirror(HASH, "Node"));
    assertThat(placed.uid()).isEqualTo("u");
    assertThat(placed.pod().uid()).isEqualTo(HASH);
  }

  @Test
  void whoOnlyWritesTheAnnotationOfAStaticPodStaysThePodThatItIs() {
    String victim = "0f0c3a52-6d4e-4a0f-9a3e-0123456789ab";
    for (Pod pod :
        List.of(
            mirror(HASH, "ReplicaSet"),
            mirror(victim, "Node"),
            mirror("../" + HASH, "Node"),
            mirror("", "Node"))) {
      assertThat(reduced(pod).pod().uid()).as("%s", pod.getMetadata()).isEqualTo("u");
    }
    Pod ownerless = mirror(HASH, "Node");
    ownerless.getMetadata().setOwnerReferences(List.of());
    assertThat(reduced(ownerless).pod().uid()).isEqualTo("u");
  }

  private static PlacedPod reduced(Pod pod) {
    return Reduction.pod(pod, AgentAccount.DEFAULT).orElseThrow();
  }

  /** As the kubelet makes one for a static pod. */
  private static Pod mirror(String annotation, String owner) {
    return new PodBuilder(pod("kube-system", "default"))
        .editMetadata()
        .addToAnnotations("kubernetes.io/config.mirror", annotation)
        .addNewOwnerReference()
        .withApiVersion("v1")
        .withKind(owner)
        .withName("node-1")
        .withUid("n")
        .endOwnerReference()
        .endMetadata()
        .build();
  }

  private static Pod pod(String namespace, String account) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName("p")
        .withUid("u")
        .endMetadata()
        .withNewSpec()
        .withNodeName("node-1")
        .withServiceAccountName(account)
        .endSpec()
        .build();
  }

  private static Manifest fromFile(String yaml) {
    return ManifestReader.read("file", yaml).manifests().get(0);
  }
}
