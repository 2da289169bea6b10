package dev.custos.controller.cli;

import dev.custos.controller.api.ApiFault;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** One sentence for a human about what kept the program from running. */
final class Faults {
  private Faults() {}

  static String explain(Throwable fault) {
    if (fault instanceof ExecutionException && fault.getCause() != null) {
      return explain(fault.getCause());
    }
    if (fault instanceof TimeoutException) {
      return "the API server did not answer in time";
    }
    if (!(fault instanceof KubernetesClientException)) {
      return ApiFault.oneLine(fault);
    }
    ApiFault said = ApiFault.of(fault);
    return said.code() == HttpURLConnection.HTTP_NOT_FOUND
        ? "the API server does not know our kinds; 'custos-controller install-crds' tells it: "
            + said.reason()
        : said.reason();
  }
}
