package dev.custos.controller.crd;

/**
 * What came of a watcher.
 *
 * @param observedGeneration the generation of the spec that the counts are about
 * @param observablePods pods that the selector matches
 * @param watchedPods those of them in which an agent watches at least one path for this resource
 */
public record WatcherStatus(long observedGeneration, int observablePods, int watchedPods) {}
