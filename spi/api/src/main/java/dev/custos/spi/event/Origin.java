package dev.custos.spi.event;

import java.util.Map;

/**
 * Where a target lives, in the words of Kubernetes. On a host without a cluster {@code pod} and
 * {@code node} are the host's name and {@code namespace} and {@code container} are empty.
 *
 * @param containerId the id of this run of the container, as the pod's status gives it: {@code
 *     containerd://...}; empty on a host
 * @param labels the pod's labels; empty on a host
 */
public record Origin(
    String node,
    String namespace,
    String pod,
    String container,
    String containerId,
    Map<String, String> labels) {
  /** Where a target lives that is no container, or whose id does not matter. */
  public Origin(
      String node, String namespace, String pod, String container, Map<String, String> labels) {
    this(node, namespace, pod, container, "", labels);
  }

  /** Where the agent itself stands, for events that belong to no target. */
  public static Origin ofNode(String node) {
    return new Origin(node, "", node, "", Map.of());
  }

  public Origin {
    labels = Map.copyOf(labels);
  }

  /**
   * Whether this is in a pod. If not, {@link #pod()} is the name of the host, and nothing that
   * stands for a pod should be told.
   */
  public boolean isInPod() {
    return !namespace.isEmpty();
  }
}
