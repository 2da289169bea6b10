package dev.custos.fanotify;

import java.util.function.BooleanSupplier;

/** What the supervisor has seen of one reader. */
final class ReaderWatch {
  private final ReaderProgress progress;
  private final BooleanSupplier sleeping;

  // The supervisor's alone.
  private long seen;
  private long seenAt;
  private int looks;

  // Of whoever asks for a proof.
  private long proofSeen = -1;

  /**
   * Begins with where the reader is now.
   *
   * @param sleeping whether the reader's thread waits in the kernel for anything
   */
  ReaderWatch(ReaderProgress progress, BooleanSupplier sleeping) {
    this.progress = progress;
    this.sleeping = sleeping;
    this.seen = progress.look();
  }

  /**
   * Looks at the reader.
   *
   * @return at how many looks in a row it has been in the same read(2), after the first such look
   */
  int look(long now) {
    long state = progress.look();
    if (state != seen) {
      seen = state;
      seenAt = now;
      looks = 0;
    } else if (ReaderProgress.isReading(state)) {
      looks++;
    }
    return looks;
  }

  /** Whether it is in the read(2) still that it was in at the last look. */
  boolean isStillReading() {
    return progress.look() == seen && ReaderProgress.isReading(seen);
  }

  boolean isSleeping() {
    return sleeping.getAsBoolean();
  }

  /** When it was first seen where it is, in terms of {@link System#nanoTime}. */
  long since() {
    return seenAt;
  }

  /** Whether it has had the same event in its hands since the last call. One thread at a time. */
  boolean holdsOn() {
    long state = progress.look();
    boolean same = ReaderProgress.isAnswering(state) && state == proofSeen;
    proofSeen = state;
    return same;
  }
}
