package dev.custos.controller.reconcile;

import dev.custos.controller.api.ApiFault;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Why kinds can't be listed or watched, and what to do about it. Keeps the last fault of each kind,
 * and says of the next whether it is news. Thread-safe.
 */
final class ListingFaults {
  /** What stays wrong is said again so often. */
  static final Duration REMINDER = Duration.ofMinutes(1);

  private static final int TOO_MANY_REQUESTS = 429;

  private record Told(String text, long at) {}

  private final LongSupplier nanos;
  private final Map<Class<?>, Told> last = new HashMap<>();

  /**
   * @param nanos a clock that never goes back
   */
  ListingFaults(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** What is to be said of the fault; empty if that was said a moment ago. */
  synchronized Optional<String> failed(Class<? extends HasMetadata> type, Throwable fault) {
    String text = explain(type, fault);
    long now = nanos.getAsLong();
    Told before = last.get(type);
    if (before != null && before.text().equals(text) && now - before.at() < REMINDER.toNanos()) {
      return Optional.empty();
    }
    last.put(type, new Told(text, now));
    return Optional.of(text);
  }

  /** The last fault of a kind. */
  synchronized Optional<String> last(Class<?> type) {
    return Optional.ofNullable(last.get(type)).map(Told::text);
  }

  /** One sentence for a human: which list, why not, and the way out. */
  static String explain(Class<? extends HasMetadata> type, Throwable fault) {
    String group = HasMetadata.getGroup(type);
    String name = HasMetadata.getPlural(type) + (group.isEmpty() ? "" : "." + group);
    ApiFault said = ApiFault.of(fault);
    return name
        + " can't be listed and watched: "
        + said.reason()
        + "; "
        + wayOut(said.code())
        + "; tried again until it works";
  }

  private static String wayOut(int code) {
    return switch (code) {
      case 0 -> "is the API server up, and is KUBECONFIG right?";
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          "the API server does not know who asks: see to the credentials in KUBECONFIG, or to the"
              + " pod's service account";
      case HttpURLConnection.HTTP_FORBIDDEN ->
          "give the controller's account the roles of kubernetes/1-controller-roles.yaml";
      case HttpURLConnection.HTTP_NOT_FOUND ->
          "'custos-controller install-crds' makes the kind known";
      case TOO_MANY_REQUESTS -> "the API server has too much to do";
      default -> "the log of the API server says more";
    };
  }
}
