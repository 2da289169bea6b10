package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Mode;

/**
 * One path of one guard's lists.
 *
 * @param path as the guard wrote it
 * @param narrowing who it is about; null for everyone
 */
record Rule(Guard guard, boolean deny, FilePath path, Narrowing narrowing) {
  /** 0 if it is about everyone. */
  long narrowingBit() {
    return narrowing == null ? 0 : narrowing.bit();
  }

  /**
   * Whether it is about a process.
   *
   * @param matching the bits of the narrowings that the process is one of
   */
  boolean concerns(long matching) {
    return narrowing == null || (matching & narrowing.bit()) != 0;
  }

  /** Whether this rule alone makes the answer a denial, if it concerns the process. */
  boolean denies(Asker asker) {
    return deny && guard.mode() == Mode.ENFORCE && isFor(asker);
  }

  /** Whether this rule would deny if its guard did more than observe. */
  boolean wouldDeny(Asker asker) {
    return deny && guard.mode() == Mode.OBSERVE && isFor(asker);
  }

  private boolean isFor(Asker asker) {
    return switch (asker) {
      case PROTECTED -> false;
      case OWNER -> !guard.autoAllowOwner();
      case OTHER -> true;
    };
  }

  /** {@code deny /etc/shadow}: what a record shows as the reason of an answer. */
  String text() {
    return (deny ? "deny " : "allow ") + path;
  }
}
