package dev.custos.fanotify;

/**
 * Reads from a target's group while its reader is stuck in the kernel, until nothing is queued any
 * more. It gets stuck as well where it meets an event about the same file system.
 */
final class StandIn implements Runnable {
  private final FanotifyGroup group;
  private final EventReader events;
  private final DecisionLog log;
  private final DecisionPublisher publisher;
  private volatile boolean stopping;

  /** Makes one for a group that the caller has acquired; it is released at the end. */
  StandIn(FanotifyGroup group, EventReader events, DecisionLog log, DecisionPublisher publisher) {
    this.group = group;
    this.events = events;
    this.log = log;
    this.publisher = publisher;
  }

  ReaderProgress progress() {
    return events.progress();
  }

  void stop() {
    stopping = true;
  }

  @Override
  public void run() {
    try {
      while (!stopping && events.readOne() != EventReader.Outcome.NOTHING) {
        // One event at a time, until there is none.
      }
    } finally {
      events.progress().ended();
      group.release();
      publisher.close(log);
    }
  }
}
