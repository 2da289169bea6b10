package dev.custos.agent.container;

/** What became of a target that was to be opened. */
public sealed interface Opening {
  /** It is open, and its caller's to close. */
  record Opened(OpenedTarget target) implements Opening {}

  /** It is not there yet: to be tried again. */
  record Pending(String reason) implements Opening {}

  /**
   * It can't be opened as things are, which somebody has to put right. To be tried again all the
   * same: what that was found by may be another container's doing, and pass.
   */
  record Failed(String reason) implements Opening {}
}
