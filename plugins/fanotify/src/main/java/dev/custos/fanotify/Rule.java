package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Mode;

/**
 * One path of one guard's lists.
 *
 * @param path as the guard wrote it
 */
record Rule(Guard guard, boolean deny, FilePath path) {
  /** Whether this rule alone makes the answer a denial. */
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
