package dev.custos.controller.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentPodsTest {
  private final AgentPods pods = new AgentPods(AgentAccount.DEFAULT);
  private final List<String> gone = new ArrayList<>();

  private static Pod pod(String uid, String namespace, String account, String node, String phase) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName("pod-" + uid)
        .withUid(uid)
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName(account)
        .withNodeName(node)
        .endSpec()
        .withNewStatus()
        .withPhase(phase)
        .endStatus()
        .build();
  }

  @Test
  void anAgentsPodIsFoundWithItsNodeAsSoonAsItHasOne() {
    pods.present(pod("u", "custos", "custos-agent", null, "Pending"));
    assertThat(pods.find("u")).contains(new AgentPods.AgentPod("pod-u", ""));
    pods.present(pod("u", "custos", "custos-agent", "node-1", "Running"));
    assertThat(pods.find("u")).contains(new AgentPods.AgentPod("pod-u", "node-1"));
  }

  @Test
  void podsOfOtherAccountsAndOtherNamespacesAreNone() {
    pods.present(pod("a", "custos", "default", "node-1", "Running"));
    pods.present(pod("b", "shop", "custos-agent", "node-1", "Running"));
    assertThat(pods.find("a")).isEmpty();
    assertThat(pods.find("b")).isEmpty();
  }

  @Test
  void aPodThatIsDeletedOrHasFinishedIsGoneAndSaidOnce() {
    pods.onGone(gone::add);
    pods.present(pod("a", "custos", "custos-agent", "node-1", "Running"));
    pods.present(pod("b", "custos", "custos-agent", "node-1", "Running"));
    pods.gone("a");
    pods.gone("a");
    pods.gone("never-there");
    pods.present(pod("b", "custos", "custos-agent", "node-1", "Failed"));
    assertThat(gone).containsExactly("a", "b");
    assertThat(pods.find("a")).isEmpty();
    assertThat(pods.find("b")).isEmpty();
  }

  @Test
  void anAccountIsWrittenAsNamespaceAndName() {
    assertThat(AgentAccount.parse("sec-ops/file.agent"))
        .contains(new AgentAccount("sec-ops", "file.agent"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "custos-agent", "/a", "a/", "a/b/c", "A/b", "a.b/c", "a/b\n"})
  void whatIsNoAccountIsRefused(String text) {
    assertThat(AgentAccount.parse(text)).isEmpty();
  }
}
