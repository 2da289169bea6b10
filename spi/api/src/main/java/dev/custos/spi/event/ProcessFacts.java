package dev.custos.spi.event;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * Who did it, read while the kernel still held the process. What could not be read any more is
 * empty; it is never taken from another process that got the same id.
 *
 * @param pid in the agent's process id namespace
 * @param uid the real user id as the target's user namespace numbers it
 * @param executable the path of the executable as the target sees it, or {@link FilePath#EMPTY}
 * @param command the process's own name for itself, as in {@code /proc/PID/comm}, not escaped: it
 *     may hold anything
 * @param container the id of the container that it runs in, which need not be the target; empty for
 *     none
 * @param gone whether it had ended before more than its id could be read
 */
public record ProcessFacts(
    OptionalInt pid,
    OptionalInt uid,
    FilePath executable,
    String command,
    String container,
    boolean gone) {
  public ProcessFacts {
    Objects.requireNonNull(pid, "pid");
    Objects.requireNonNull(uid, "uid");
    Objects.requireNonNull(executable, "executable");
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(container, "container");
  }

  /** A process of which nobody needed more than the id. */
  public static ProcessFacts ofPid(int pid) {
    return new ProcessFacts(
        OptionalInt.of(pid), OptionalInt.empty(), FilePath.EMPTY, "", "", false);
  }

  /** A process that had ended before it could be looked at. */
  public static ProcessFacts gone(int pid) {
    return new ProcessFacts(OptionalInt.of(pid), OptionalInt.empty(), FilePath.EMPTY, "", "", true);
  }
}
