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
  // Each failed read has cost the kernel an event, so a run of them means that nothing works.
  private static final int FAILURES_IN_A_ROW = 10_000;

  private final int group;
  private final Responder responder;
  private final Supplier<RuleTable> rules;
  private final DescriptorReserve reserve;
  private final ReaderProgress progress = new ReaderProgress();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(EventCursor.METADATA_LENGTH).order(ByteOrder.nativeOrder());
  private final long address = FanotifyLibrary.address(buffer);
  private final EventCursor cursor = new EventCursor(buffer);
  private int failures;

  EventReader(
      int group, Responder responder, Supplier<RuleTable> rules, DescriptorReserve reserve) {
    this.group = group;
    this.responder = responder;
    this.rules = rules;
    this.reserve = reserve;
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
    failures = 0;
    cursor.start((int) n);
    boolean asked = responder.respond(cursor, rules.get());
    if (cursor.isMalformed()) {
      throw new IllegalStateException("fanotify events of an unknown form");
    }
    if (n == 0) {
      return Outcome.NOTHING;
    }
    return asked ? Outcome.ASKED : Outcome.OWN;
  }

  private Outcome failed(int errno) {
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
      return errno == Errno.EINTR ? Outcome.OWN : Outcome.NOTHING;
    }
    if (errno == Errno.EMFILE || errno == Errno.ENFILE) {
      // This event is denied by the kernel already; the next one gets a descriptor.
      reserve.release();
    }
    responder.refused(errno);
    if (++failures == FAILURES_IN_A_ROW) {
      throw new IllegalStateException("read of fanotify events: " + Errno.name(errno));
    }
    return Outcome.ASKED;
  }
}
