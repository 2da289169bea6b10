package dev.custos.controller.cli;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;

/** The API server that kubectl would talk to: KUBECONFIG, ~/.kube/config, or the pod's account. */
final class ApiServer {
  // Queues and informers repeat what fails; a command should say so soon.
  private static final int RETRIES = 2;

  private ApiServer() {}

  /**
   * A client that has had an answer.
   *
   * @throws IOException if there is none; its message names the server
   */
  static KubernetesClient connect() throws IOException {
    Config config = new ConfigBuilder().withRequestRetryBackoffLimit(RETRIES).build();
    KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
    try {
      client.getKubernetesVersion();
      return client;
    } catch (KubernetesClientException e) {
      client.close();
      throw new IOException(
          "no answer from the API server at "
              + config.getMasterUrl()
              + ": "
              + Faults.rootMessage(e)
              + "; say which one by KUBECONFIG",
          e);
    }
  }
}
