package dev.custos.controller.identity;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ServiceAccount that agents run as, and nobody else: whoever may make pods with it may read a
 * node's snapshot, and is no target himself.
 */
public record AgentAccount(String namespace, String name) {
  /** What the shipped manifests make. */
  public static final AgentAccount DEFAULT = new AgentAccount("custos", "custos-agent");

  // A namespace is a DNS label, an account's name a DNS subdomain (RFC 1123).
  private static final Pattern WRITTEN =
      Pattern.compile(
          "([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)");

  /** Reads {@code NAMESPACE/NAME}; empty if it is not of that form. */
  public static Optional<AgentAccount> parse(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    return matcher.matches()
        ? Optional.of(new AgentAccount(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /** What the API server calls who has a token of it. */
  String userName() {
    return "system:serviceaccount:" + namespace + ":" + name;
  }

  /**
   * Whether the pod runs as it. Not asked by a label: who may label a pod could otherwise hide it
   * from watchers.
   */
  public boolean runs(Pod pod) {
    return namespace.equals(pod.getMetadata().getNamespace())
        && pod.getSpec() != null
        && name.equals(pod.getSpec().getServiceAccountName());
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
