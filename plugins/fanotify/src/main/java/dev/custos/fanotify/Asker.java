package dev.custos.fanotify;

/** Who a process is to the guards of a target. */
enum Asker {
  /** The guarded container's own process, or a child of it. */
  OWNER,
  /** Process 1 or the agent itself: never denied. */
  PROTECTED,
  OTHER
}
