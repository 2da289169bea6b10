package dev.custos.controller.status;

/** What a Kubernetes event on a resource tells. */
public enum EventReason {
  /** Pods in which a path is served that was not before. */
  ADDED("Added", false),
  /** Pods that are not selected any more. */
  REMOVED("Removed", false),
  /** The condition Degraded became true. */
  DEGRADED("Degraded", true),
  /** The condition Degraded became false. */
  RECOVERED("Recovered", false),
  /** Events are missing, as an agent told. */
  LOST("Lost", true);

  private final String text;
  private final boolean warning;

  EventReason(String text, boolean warning) {
    this.text = text;
    this.warning = warning;
  }

  public String text() {
    return text;
  }

  /** {@code Normal} or {@code Warning}. */
  String type() {
    return warning ? "Warning" : "Normal";
  }
}
