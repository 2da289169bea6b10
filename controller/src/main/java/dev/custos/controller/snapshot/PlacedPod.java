package dev.custos.controller.snapshot;

import dev.custos.snapshot.SnapshotBuilder.PodOnNode;

/**
 * A pod and where it is.
 *
 * @param uid the object's, as the API server has it; the {@code pod}'s own is what the kubelet
 *     names cgroups after, which for static pods is another one
 * @param node empty as long as it is not scheduled
 */
public record PlacedPod(String uid, String node, PodOnNode pod) {
  /** One that is no static pod: both uids are the same. */
  public PlacedPod(String node, PodOnNode pod) {
    this(pod.uid(), node, pod);
  }
}
