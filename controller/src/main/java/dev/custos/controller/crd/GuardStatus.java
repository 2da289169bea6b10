package dev.custos.controller.crd;

/**
 * What came of a guard.
 *
 * @param observedGeneration the generation of the spec that the counts are about
 * @param observablePods pods that the selector matches
 * @param guardedPods those of them in which an agent guards at least one path for this resource
 */
public record GuardStatus(long observedGeneration, int observablePods, int guardedPods) {}
