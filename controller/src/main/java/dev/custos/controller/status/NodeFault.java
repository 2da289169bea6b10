package dev.custos.controller.status;

/**
 * Why a node's newest snapshot is not in force there.
 *
 * @param kind who found it
 * @param reason bounded, and one line
 */
public record NodeFault(Kind kind, String reason) {
  /** Who found it. The text is the reason of a condition. */
  public enum Kind {
    /** The agent would not take it. */
    REFUSED("SnapshotRefused", "refuses its snapshot"),
    /** It is larger than any agent takes, and was not sent. */
    TOO_LARGE("SnapshotTooLarge", "can't be sent its snapshot");

    private final String condition;
    private final String verb;

    Kind(String condition, String verb) {
      this.condition = condition;
      this.verb = verb;
    }

    String condition() {
      return condition;
    }
  }

  /** For humans. */
  String of(String node) {
    return "the agent of node " + node + " " + kind.verb + ": " + reason;
  }
}
