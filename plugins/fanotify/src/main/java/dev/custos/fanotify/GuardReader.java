package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * One target's reader. It owns the group: whatever ends it, the group is closed, so that the kernel
 * allows what is pending and asks about nothing more.
 */
final class GuardReader implements Runnable {
  private static final int BUFFER = 8192;
  // Each failed read has cost the kernel an event, so a run of them means that nothing works.
  private static final int FAILURES_IN_A_ROW = 10_000;
  private static final int LAST_READS = 10_000;

  private final FanotifyGroup group;
  private final int number;
  private final Responder responder;
  private final DecisionLog log;
  private final Poller poller;
  private final Consumer<Throwable> onEnd;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
  private final EventCursor cursor = new EventCursor(buffer);
  private int failures;
  private volatile RuleTable table = RuleTable.EMPTY;
  private volatile boolean stopping;

  /**
   * Makes a reader that is to be run by a thread of its own.
   *
   * @param onEnd told once, after the group is closed: null if it was stopped, else what ended it
   */
  GuardReader(FanotifyGroup group, Responder responder, DecisionLog log, Consumer<Throwable> onEnd)
      throws NativeException {
    this.group = group;
    this.number = group.number();
    this.responder = responder;
    this.log = log;
    this.onEnd = onEnd;
    this.poller = new Poller();
    poller.add(number, Poller.READABLE);
  }

  /** Decides by this table from the next read on. */
  void decideBy(RuleTable next) {
    table = next;
  }

  /** Answers what is queued, and ends. */
  void stop() {
    stopping = true;
    poller.wakeup();
  }

  @Override
  public void run() {
    Throwable cause = null;
    try {
      while (!stopping) {
        poller.await(-1);
        if (poller.isReady(0)) {
          readOnce();
        }
      }
      for (int i = 0; i < LAST_READS && readOnce(); i++) {
        // What is queued is answered by the plan still; the marks are gone already.
      }
    } catch (NativeException | RuntimeException | Error e) {
      cause = e;
    } finally {
      group.close();
      poller.close();
      onEnd.accept(cause);
    }
  }

  /** Whether there was something. */
  private boolean readOnce() {
    long n = FanotifyLibrary.CALLS.read(number, buffer, BUFFER);
    if (n < 0) {
      return failed(FanotifyLibrary.errno());
    }
    failures = 0;
    cursor.start((int) n);
    responder.respond(cursor, table);
    if (cursor.isMalformed()) {
      throw new IllegalStateException("fanotify events of an unknown form");
    }
    return n > 0;
  }

  private boolean failed(int errno) {
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
      return errno == Errno.EINTR;
    }
    log.refused(errno);
    if (++failures == FAILURES_IN_A_ROW) {
      throw new IllegalStateException("read of fanotify events: " + Errno.name(errno));
    }
    return true;
  }
}
