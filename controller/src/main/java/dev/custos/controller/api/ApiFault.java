package dev.custos.controller.api;

import dev.custos.format.SafeText;
import io.fabric8.kubernetes.client.KubernetesClientException;

/**
 * Why a request to the API server failed, fit for a line of a log.
 *
 * @param code the HTTP status of its answer; 0 if there was none
 * @param reason what the API server said, or else what kept it from being asked: one line, escaped,
 *     of bounded length
 */
public record ApiFault(int code, String reason) {
  private static final int LONGEST_CHAIN = 20;
  private static final int LONGEST_REASON = 512;

  /** What the exception comes down to, whatever it is wrapped in. */
  public static ApiFault of(Throwable fault) {
    Throwable found = fault;
    // Bounded, because nothing forbids a cycle of causes.
    for (int i = 0; i < LONGEST_CHAIN; i++) {
      boolean answered = found instanceof KubernetesClientException api && api.getCode() > 0;
      if (answered || found.getCause() == null) {
        break;
      }
      found = found.getCause();
    }
    int code = found instanceof KubernetesClientException api ? Math.max(api.getCode(), 0) : 0;
    boolean explained =
        found instanceof KubernetesClientException api
            && api.getStatus() != null
            && api.getStatus().getMessage() != null;
    String reason =
        explained
            ? oneLine(((KubernetesClientException) found).getStatus().getMessage())
            : oneLine(found);
    return new ApiFault(code, reason);
  }

  /** The message of any exception as such a line; its type, if it has none. */
  public static String oneLine(Throwable fault) {
    // Many of the JDK's network faults say all that they know by their type.
    String text = fault.getMessage();
    return oneLine(text == null ? fault.getClass().getSimpleName() : text);
  }

  private static String oneLine(String text) {
    String safe = SafeText.escape(text.strip().replaceAll("\\s+", " "));
    return safe.length() > LONGEST_REASON ? safe.substring(0, LONGEST_REASON) + "..." : safe;
  }
}
