package dev.custos.controller.election;

/** Says when this replica leads. */
public interface Election extends AutoCloseable {
  /** What to do about it. Called by one thread at a time, the two in turn. */
  interface Candidate {
    /** This replica leads from now on. */
    void lead();

    /** It leads no longer. When this returns, nothing of it is left that another could disturb. */
    void standBy();
  }

  /** Stands as a candidate until {@link #close}. Returns at once. */
  void start(Candidate candidate);

  /** Stands by, if it led, and lets another replica lead at once. */
  @Override
  void close();

  /** For one replica that is alone: it leads from the start. */
  static Election none() {
    return new Election() {
      private Candidate leader;

      @Override
      public synchronized void start(Candidate candidate) {
        leader = candidate;
        candidate.lead();
      }

      @Override
      public synchronized void close() {
        if (leader != null) {
          leader.standBy();
          leader = null;
        }
      }
    };
  }
}
