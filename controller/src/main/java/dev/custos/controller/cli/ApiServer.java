package dev.custos.controller.cli;

import dev.custos.controller.api.ApiFault;
import dev.custos.controller.metrics.ApiErrors;
import dev.custos.controller.metrics.ControllerMetrics;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.function.Consumer;

/** The API server that kubectl would talk to: KUBECONFIG, ~/.kube/config, or the pod's account. */
final class ApiServer {
  // Queues and informers repeat what fails; a command should say so soon.
  private static final int RETRIES = 2;

  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LAST_PAUSE_MILLIS = 15_000;

  private static final int LEASE_TIMEOUT_MILLIS = 3000;

  private ApiServer() {}

  /**
   * A client that has had an answer.
   *
   * @throws IOException if there is none; its message names the server
   */
  static KubernetesClient connect() throws IOException {
    KubernetesClient client = new KubernetesClientBuilder().withConfig(config()).build();
    try {
      client.getKubernetesVersion();
      return client;
    } catch (KubernetesClientException e) {
      client.close();
      throw new IOException(noAnswer(client.getConfiguration(), e), e);
    }
  }

  /**
   * A client whose requests, when the server refuses them, are counted. Asks nothing yet.
   *
   * @see #awaitAnswer
   */
  static KubernetesClient open(ControllerMetrics metrics) {
    return counting(metrics).withConfig(config()).build();
  }

  /**
   * Returns when the server has answered once, however long that takes.
   *
   * @param say told why there is no answer, whenever that is something new
   */
  static void awaitAnswer(KubernetesClient client, Consumer<String> say)
      throws InterruptedException {
    String said = "";
    for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, LAST_PAUSE_MILLIS)) {
      try {
        client.getKubernetesVersion();
        return;
      } catch (KubernetesClientException e) {
        String now = noAnswer(client.getConfiguration(), e);
        if (!now.equals(said)) {
          say.accept(now + "; tried again until there is one");
          said = now;
        }
      }
      Thread.sleep(pause);
    }
  }

  private static Config config() {
    return new ConfigBuilder().withRequestRetryBackoffLimit(RETRIES).build();
  }

  private static String noAnswer(Config config, KubernetesClientException fault) {
    return "no answer from the API server at "
        + config.getMasterUrl()
        + ": "
        + ApiFault.of(fault).reason()
        + "; say which one by KUBECONFIG";
  }

  private static KubernetesClientBuilder counting(ControllerMetrics metrics) {
    ApiErrors errors = new ApiErrors(metrics);
    return new KubernetesClientBuilder()
        .withHttpClientBuilderConsumer(
            http -> http.addOrReplaceInterceptor(ApiErrors.NAME, errors));
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
