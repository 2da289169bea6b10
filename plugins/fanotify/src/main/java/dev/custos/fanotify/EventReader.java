package dev.custos.fanotify;

import dev.custos.linux.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;

/**
 * Reads events of a group, one at a time, and has each answered. One thread's own.
 *
 * <p>One at a time, because read(2) opens every event's file before it returns: where one of them
 * is on a file system that does not answer, those read before it in the same call would wait too.
 * It also takes no more than one descriptor, whatever the limit.
 */
final class EventReader {
  // Each is an access that the kernel has denied, so a run of them means that nothing works.
  private static final int REFUSALS_IN_A_ROW = 10_000;

  private final int group;
  private final Responder responder;
  private final Supplier<RuleTable> rules;
  private final ReaderProgress progress = new ReaderProgress();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(EventCursor.METADATA_LENGTH).order(ByteOrder.nativeOrder());
  private final long address = FanotifyLibrary.address(buffer);
  private final EventCursor cursor = new EventCursor(buffer);

  EventReader(int group, Responder responder, Supplier<RuleTable> rules) {
    this.group = group;
    this.responder = responder;
    this.rules = rules;
  }

  ReaderProgress progress() {
    return progress;
  }

  /** Notes that an event was denied that was there and could not be read. */
  void refused(int errno) {
    responder.refused(errno);
  }

  /** What came of a read. */
  enum Outcome {
    /** There was no event that could be read. */
    NOTHING,
    /** The agent itself has asked, or only told something. */
    OWN,
    /** Somebody has asked, so that more questions are likely. */
    ASKED
  }

  /** Reads an event and has it answered. Waits for one only where the group is blocking. */
  Outcome readOne() {
    progress.reading();
    long n = FanotifyLibrary.CALLS.read(group, address, EventCursor.METADATA_LENGTH);
    if (n < 0) {
      return failed(FanotifyLibrary.errno());
    }
    progress.answering();
    cursor.start((int) n);
    boolean asked = responder.respond(cursor, rules.get());
    if (cursor.isMalformed()) {
      throw new IllegalStateException("fanotify events of an unknown form");
    }
    if (n == 0) {
      return Outcome.NOTHING;
    }
    endIfNothingWorks();
    return asked ? Outcome.ASKED : Outcome.OWN;
  }

  private Outcome failed(int errno) {
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
      return errno == Errno.EINTR ? Outcome.OWN : Outcome.NOTHING;
    }
    responder.refused(errno);
    endIfNothingWorks();
    return Outcome.ASKED;
  }

  private void endIfNothingWorks() {
    if (responder.refusedInARow() >= REFUSALS_IN_A_ROW) {
      throw new IllegalStateException(
          "none of the last " + REFUSALS_IN_A_ROW + " fanotify events could be read");
    }
  }
}
