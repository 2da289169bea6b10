package dev.custos.agent.pipeline;

/** Where a worker gets its events. Called by one worker's thread at a time. */
interface EventSource {
  /**
   * Moves events, the oldest first, to the start of the batch. The next call follows when all of
   * them are done with.
   *
   * @return how many; 0 if there are none now
   */
  int drain(EventBatch batch, int max);

  /** Whether there are none now. */
  boolean isEmpty();

  /** Whether nothing will be added any more. Asked before {@link #drain}, whose 0 is then final. */
  boolean isEnded();

  /**
   * The events of a batch from {@code from} to {@code to} are written, refused or given up.
   *
   * @param all whether there are no others in the batch
   */
  void done(EventBatch batch, int from, int to, boolean all);
}
