package dev.custos.spi.event;

import java.util.OptionalInt;

/**
 * Who did it, read while the kernel still held the process. What could not be read any more is
 * empty; it is never taken from another process that got the same id.
 *
 * @param pid in the agent's process id namespace
 * @param uid the real user id as the target's user namespace numbers it
 * @param executable the path of the executable as the target sees it, or {@link FilePath#EMPTY}
 * @param command the process's own name for itself, as in {@code /proc/PID/comm}; escaped
 */
public record ProcessFacts(OptionalInt pid, OptionalInt uid, FilePath executable, String command) {}
