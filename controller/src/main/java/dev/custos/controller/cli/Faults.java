package dev.custos.controller.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** One sentence for a human about what kept the program from running. */
final class Faults {
  private static final int LONGEST_CHAIN = 20;

  private Faults() {}

  static String explain(Throwable fault) {
    if (fault instanceof ExecutionException && fault.getCause() != null) {
      return explain(fault.getCause());
    }
    if (fault instanceof TimeoutException) {
      return "the API server did not answer in time";
    }
    if (fault instanceof KubernetesClientException api) {
      return api.getCode() == HttpURLConnection.HTTP_NOT_FOUND
          ? "the API server does not know our kinds; 'custos-controller install-crds' tells it: "
              + message(api)
          : message(api) + ": " + rootMessage(api);
    }
    return message(fault);
  }

  /** What the innermost cause says. */
  static String rootMessage(Throwable fault) {
    Throwable root = fault;
    // Bounded, because nothing forbids a cycle of causes.
    for (int i = 0; i < LONGEST_CHAIN && root.getCause() != null; i++) {
      root = root.getCause();
    }
    return message(root);
  }

  private static String message(Throwable fault) {
    String message = fault.getMessage();
    // Many of the JDK's network faults say all that they know by their type.
    String text = message == null ? fault.getClass().getSimpleName() : message;
    return text.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?").strip();
  }
}
