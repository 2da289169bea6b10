package dev.custos.spi.event;

/** Why events are missing. Grows over time. */
public enum LossReason {
  /** The kernel's event queue was full: {@code IN_Q_OVERFLOW}, {@code FAN_Q_OVERFLOW}. */
  KERNEL_QUEUE_OVERFLOW("kernel-queue-overflow"),
  /** A limit on watches or marks left part of what was asked for unseen. */
  LIMIT_REACHED("limit-reached"),
  /** The file system went away below the watch. */
  UNMOUNTED("unmounted"),
  /** The backend died and was opened again. */
  BACKEND_RESTARTED("backend-restarted"),
  /** The agent was not running. */
  AGENT_DOWN("agent-down"),
  /** A sink could not take events as fast as they came. */
  SINK_QUEUE_FULL("sink-queue-full"),
  /** A sink refused events or could not deliver them. */
  SINK_FAILED("sink-failed"),
  /** Accesses passed that nobody was asked about. */
  UNGUARDED("unguarded"),
  /** The container ended and was started again; until it was found nobody looked at its files. */
  CONTAINER_RESTARTED("container-restarted");

  private final String text;

  LossReason(String text) {
    this.text = text;
  }

  /** The word that appears in a line. */
  public String text() {
    return text;
  }
}
