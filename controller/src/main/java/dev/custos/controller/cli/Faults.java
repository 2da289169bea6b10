package dev.custos.controller.cli;

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
    if (fault instanceof KubernetesClientException api) {
      return explain(api);
    }
    return oneLine(message(fault));
  }

  private static String explain(KubernetesClientException fault) {
    String message = oneLine(message(fault));
    return switch (fault.getCode()) {
      case 0 -> "cannot reach the API server: " + oneLine(message(root(fault)));
      case HttpURLConnection.HTTP_NOT_FOUND ->
          message + " (are the definitions there? 'custos-controller install-crds' makes them)";
      default -> message;
    };
  }

  private static Throwable root(Throwable fault) {
    Throwable root = fault;
    // Bounded, because nothing forbids a cycle of causes.
    for (int i = 0; i < 20 && root.getCause() != null; i++) {
      root = root.getCause();
    }
    return root;
  }

  private static String message(Throwable fault) {
    return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?").strip();
  }
}
