package dev.custos.controller.cli;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;

/** Says what a kubelet would: these API servers have none. */
final class Kubelet {
  private Kubelet() {}

  /** The pod with a status by which its one container, {@code main}, runs and is not ready. */
  static Pod running(Pod pod, String containerId) {
    return new PodBuilder(pod)
        .withNewStatus()
        .withPhase("Running")
        .addNewContainerStatus()
        .withName("main")
        .withImage("none")
        .withImageID("")
        .withReady(false)
        .withRestartCount(0)
        .withContainerID(containerId)
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
