package dev.custos.controller.snapshot;

import dev.custos.snapshot.SnapshotBuilder.PodOnNode;

/**
 * A pod and where it is.
 *
 * @param node empty as long as it is not scheduled
 */
public record PlacedPod(String node, PodOnNode pod) {}
