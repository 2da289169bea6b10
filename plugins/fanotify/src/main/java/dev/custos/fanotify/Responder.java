package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.spi.event.PermissionKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Answers the events of a group, each one before it is noted, and closes their descriptors. The
 * reader's own.
 */
final class Responder {
  private static final int RESPONSE_LENGTH = 8;

  /**
   * For so long one pidfd serves all records of a process. If it is there still when they are
   * published, its number has been its own all the time; and no number is given out again so soon.
   */
  private static final long HANDED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final int group;
  private final Verdict verdict;
  private final DecisionLog log;
  private final DecisionPublisher publisher;
  private final Clock clock;
  private final boolean canAudit;
  private final Question question;
  private final DescriptorReserve reserve;
  private final ObjectReader objects;
  private final int self = (int) ProcessHandle.current().pid();
  private final PidFds pidFds = new PidFds();
  private ProcessNote asker = new ProcessNote();
  private boolean askerSeen;
  private int refusedInARow;
  private int askerPidFd = PidFds.NONE;
  // Which process the publisher was handed a pidfd of, and when.
  private int handedPid;
  private long handedAt;
  private final ByteBuffer response =
      ByteBuffer.allocateDirect(RESPONSE_LENGTH).order(ByteOrder.nativeOrder());
  private final long responseAddress = FanotifyLibrary.address(response);

  /**
   * Answers through a descriptor.
   *
   * @param group where answers are written to
   * @param canAudit whether the group was opened so that FAN_AUDIT is allowed in an answer
   * @param question what the agent asks to see whether it is answered; no record is made of that
   * @param reserve of descriptors, for when there are no others
   */
  Responder(
      int group,
      Verdict verdict,
      DecisionLog log,
      DecisionPublisher publisher,
      Clock clock,
      boolean canAudit,
      Question question,
      DescriptorReserve reserve)
      throws NativeException {
    this.group = group;
    this.verdict = verdict;
    this.log = log;
    this.publisher = publisher;
    this.clock = clock;
    this.canAudit = canAudit;
    this.question = question;
    this.reserve = reserve;
    this.objects = new ObjectReader();
  }

  /** Notes that the kernel denied an access by itself, and why. */
  void refused(int errno) {
    if (errno == Errno.EMFILE || errno == Errno.ENFILE) {
      // This access is denied already; the next one's event gets a descriptor.
      reserve.release();
    }
    refusedInARow++;
    log.refused(errno);
    publisher.wake(false);
  }

  /** How many accesses were denied so since the last one that could be decided about. */
  int refusedInARow() {
    return refusedInARow;
  }

  /**
   * Answers every event of one read.
   *
   * @return whether any of them is another's question
   */
  boolean respond(EventCursor events, RuleTable table) {
    boolean noted = false;
    boolean asked = false;
    while (events.next()) {
      int fd = events.fd();
      if (events.isOverflow()) {
        log.overflowed();
        noted = true;
      } else if (fd >= 0) {
        refusedInARow = 0;
        noted |= respond(events, table, fd);
        asked |= events.pid() != self;
      } else if (events.kind() != null) {
        refused(-fd);
        asked = true;
      }
    }
    if (noted) {
      publisher.wake(log.hasMany());
    }
    return asked;
  }

  private boolean respond(EventCursor events, RuleTable table, int fd) {
    PermissionKind kind = events.kind();
    boolean recorded = false;
    try {
      if (kind != null && events.pid() == self && question.isOn(objects, fd)) {
        write(fd, Fanotify.ALLOW);
      } else if (kind != null) {
        verdict.decide(table, kind, fd, events.pid());
        recorded = verdict.isRecorded();
        if (recorded) {
          lookAtAsker(kind, events.pid());
        }
        // An answer that nobody took, because the asker was killed meanwhile, is none.
        recorded &= answer(fd);
      }
    } catch (RuntimeException | Error e) {
      // The reader ends; whoever asked does not wait for it. A second answer would be none.
      write(fd, Fanotify.ALLOW);
      throw e;
    } finally {
      FanotifyLibrary.CALLS.close(fd);
    }
    if (recorded) {
      note(kind, events.pid());
    }
    pidFds.close(askerPidFd);
    askerPidFd = PidFds.NONE;
    return recorded;
  }

  /**
   * While it waits for its answer, a process is the one that asked and no other with its number.
   * Later, that takes a pidfd.
   */
  private void lookAtAsker(PermissionKind kind, int pid) {
    askerSeen = verdict.isAboutProcess(kind);
    if (askerSeen) {
      verdict.describe(asker);
    } else if (pid == handedPid && System.nanoTime() - handedAt < HANDED_NANOS) {
      askerPidFd = PidFds.AS_BEFORE;
    } else if (log.isQuiet()) {
      askerPidFd = pidFds.open(pid);
      if (reserve.needs(askerPidFd)) {
        // The record then tells the process's id alone.
        pidFds.close(askerPidFd);
        askerPidFd = PidFds.NONE;
      }
    }
  }

  private boolean answer(int fd) {
    int verdictBits = verdict.isDenied() ? Fanotify.DENY : Fanotify.ALLOW;
    int audit = canAudit && verdict.isAudited() ? Fanotify.AUDIT : 0;
    return write(fd, verdictBits | audit);
  }

  private boolean write(int fd, int bits) {
    response.putInt(0, fd).putInt(4, bits);
    return FanotifyLibrary.CALLS.write(group, responseAddress, RESPONSE_LENGTH) == RESPONSE_LENGTH;
  }

  private void note(PermissionKind kind, int pid) {
    Decision decision = log.claim();
    if (decision == null) {
      return;
    }
    decision.kind = kind;
    decision.pid = pid;
    decision.pidFd = askerPidFd;
    if (askerPidFd >= 0) {
      handedPid = pid;
      handedAt = System.nanoTime();
    }
    askerPidFd = PidFds.NONE;
    if (askerSeen) {
      ProcessNote free = decision.process;
      decision.process = asker;
      asker = free;
    } else {
      decision.process.only(pid);
    }
    decision.time = clock.instant();
    verdict.describe(decision);
    log.commit();
  }
}
