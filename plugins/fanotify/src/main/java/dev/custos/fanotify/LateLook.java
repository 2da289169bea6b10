package dev.custos.fanotify;

import dev.custos.linux.NativeException;
import dev.custos.spi.Target;

/**
 * Looks at processes that have their answer already, so that none of them waits for it. The
 * publisher's own.
 */
final class LateLook {
  // Null where there was no descriptor left to make it with: then records tell ids alone.
  private final AskingProcess process;
  private final PidFds pidFds = new PidFds();
  // What was seen in this burst of the process that was looked at last.
  private final ProcessNote seen = new ProcessNote();
  private int seenPid;
  // Of the process that was handed over last; it may be of use again, so it is kept.
  private int heldPidFd = PidFds.NONE;

  LateLook(Target target, IdMap users) {
    process = asking(target, users);
  }

  private static AskingProcess asking(Target target, IdMap users) {
    try {
      return new AskingProcess(target, users);
    } catch (NativeException outOfDescriptors) {
      return null;
    }
  }

  /**
   * Says that everything completed until the next call was decided before now. Then one look at a
   * process serves all of a burst that are its: it is later than each of them, as their own would
   * be.
   */
  void startBurst() {
    seenPid = 0;
  }

  /**
   * Finds out about the process of a decision, if that was left to do. It may have ended, and its
   * number may be another's by now: then it is gone, whatever was read meanwhile.
   */
  void complete(Decision decision) {
    int pidFd = decision.pidFd;
    if (pidFd == PidFds.NONE) {
      return;
    }
    decision.pidFd = PidFds.NONE;
    if (pidFd != PidFds.AS_BEFORE) {
      close();
      heldPidFd = pidFd;
      if (decision.pid == seenPid && !pidFds.isThere(pidFd)) {
        seenPid = 0;
      }
    }
    if (process != null) {
      if (decision.pid == seenPid || look(decision.pid)) {
        decision.process.like(seen);
      } else {
        decision.process.gone(decision.pid);
      }
    }
  }

  /**
   * Returns whether the process that is held is there, which is then described in {@link #seen}: as
   * it is there after the look and was before, no other had its number at the look.
   */
  private boolean look(int pid) {
    process.turnTo(pid);
    process.describe(seen);
    boolean there = !process.hasEnded() && pidFds.isThere(heldPidFd);
    seenPid = there ? pid : 0;
    return there;
  }

  /** Lets go of the process that was looked at last. */
  void close() {
    pidFds.close(heldPidFd);
    heldPidFd = PidFds.NONE;
  }
}
