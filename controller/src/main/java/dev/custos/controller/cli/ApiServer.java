package dev.custos.controller.cli;

import dev.custos.controller.metrics.ApiErrors;
import dev.custos.controller.metrics.ControllerMetrics;
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

  private static final int LEASE_TIMEOUT_MILLIS = 3000;

  private ApiServer() {}

  /**
   * A client that has had an answer.
   *
   * @throws IOException if there is none; its message names the server
   */
  static KubernetesClient connect() throws IOException {
    return connect(new KubernetesClientBuilder());
  }

  /** As {@link #connect()}, and everything that the server refuses is counted. */
  static KubernetesClient connect(ControllerMetrics metrics) throws IOException {
    return connect(counting(metrics));
  }

  private static KubernetesClientBuilder counting(ControllerMetrics metrics) {
    ApiErrors errors = new ApiErrors(metrics);
    return new KubernetesClientBuilder()
        .withHttpClientBuilderConsumer(
            http -> http.addOrReplaceInterceptor(ApiErrors.NAME, errors));
  }

  private static KubernetesClient connect(KubernetesClientBuilder builder) throws IOException {
    Config config = new ConfigBuilder().withRequestRetryBackoffLimit(RETRIES).build();
    KubernetesClient client = builder.withConfig(config).build();
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

  /**
   * Another client of the same server, for what is worth nothing when it comes late: a request that
   * is not answered within 3 s is given up, and not repeated.
   */
  static KubernetesClient forLeases(KubernetesClient client, ControllerMetrics metrics) {
    return counting(metrics)
        .withConfig(
            new ConfigBuilder(client.getConfiguration())
                .withConnectionTimeout(LEASE_TIMEOUT_MILLIS)
                .withRequestTimeout(LEASE_TIMEOUT_MILLIS)
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }
}
