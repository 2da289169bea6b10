package dev.custos.agent.container;

/** What became of a target that was to be opened. */
public sealed interface Opening {
  /** It is open, and its caller's to close. */
  record Opened(OpenedTarget target) implements Opening {}

  /** It is not there yet: to be tried again. */
  record Pending(String reason) implements Opening {}

  /** It can't be opened on this node, and trying again is of no use. */
  record Failed(String reason) implements Opening {}
}
