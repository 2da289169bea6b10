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
   * Finds out about the process of a decision, if that was left to do. It may have ended, and its
   * number may be another's by now: then it is gone, whatever was read meanwhile.
   */
  void complete(Decision decision) {
    int pidFd = decision.pidFd;
    if (pidFd < 0) {
      return;
    }
    decision.pidFd = PidFds.NONE;
    if (process != null) {
      process.turnTo(decision.pid);
      process.describe(decision.process);
      if (process.hasEnded() || !pidFds.isThere(pidFd)) {
        decision.process.gone(decision.pid);
      }
    }
    pidFds.close(pidFd);
  }
}
