package dev.custos.controller.cli;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;

/** Says what a scheduler and a kubelet would: these API servers have none. */
public final class Kubelet {
  private Kubelet() {}

  /**
   * A pod with one container, {@code main}, which nobody has started yet.
   *
   * @param node null if it is not scheduled
   */
  public static Pod pod(String namespace, String name, String node, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .addNewContainer()
        .withName("main")
        .withImage("none")
        .endContainer()
        .endSpec()
        .build();
  }

  /** The pod with a status by which its one container, {@code main}, runs and is not ready. */
  public static Pod running(Pod pod, String containerId) {
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

  /** Makes a pod whose container runs, with an id that is the pod's name. */
  static Pod run(KubernetesClient client, String namespace, String name, String node, String app) {
    Pod pod = client.resource(pod(namespace, name, node, Map.of("app", app))).create();
    return client.resource(running(pod, "containerd://" + name)).patchStatus();
  }
}
