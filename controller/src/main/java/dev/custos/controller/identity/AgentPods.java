package dev.custos.controller.identity;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The agents' own pods, as the API server has them: which of them are there, and on which node.
 * Thread-safe.
 */
public final class AgentPods {
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  /**
   * An agent's pod.
   *
   * @param node empty as long as it is not scheduled
   */
  public record AgentPod(String name, String node) {}

  private final AgentAccount account;
  private final Map<String, AgentPod> byUid = new ConcurrentHashMap<>();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

  public AgentPods(AgentAccount account) {
    this.account = account;
  }

  public AgentAccount account() {
    return account;
  }

  /** A pod is there, or is different now. Those of other accounts are passed over. */
  public void present(Pod pod) {
    if (!account.runs(pod)) {
      return;
    }
    String uid = pod.getMetadata().getUid();
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    if (phase != null && FINISHED.contains(phase)) {
      gone(uid);
      return;
    }
    String node = pod.getSpec().getNodeName();
    byUid.put(uid, new AgentPod(pod.getMetadata().getName(), node == null ? "" : node));
  }

  /** A pod is not there any more. */
  public void gone(String uid) {
    if (byUid.remove(uid) != null) {
      listeners.forEach(listener -> listener.accept(uid));
    }
  }

  /** By the pod's uid; empty if it is not there, or not known of yet. */
  public Optional<AgentPod> find(String uid) {
    return Optional.ofNullable(byUid.get(uid));
  }

  /**
   * Has somebody hear of pods that go.
   *
   * @param listener given the uid of each pod that goes, by an informer's thread; must not block
   */
  public void onGone(Consumer<String> listener) {
    listeners.add(listener);
  }
}
