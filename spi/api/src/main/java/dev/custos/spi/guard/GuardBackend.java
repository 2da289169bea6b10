package dev.custos.spi.guard;

import dev.custos.spi.Backend;

/**
 * A backend that answers the kernel by its plans. A verdict comes from the plan inside the backend
 * and is answered <em>before</em> it is published as {@link dev.custos.spi.event.AccessDecided}:
 * nothing else in the agent, whatever its state, delays an answer. One target's stuck file system
 * never delays another's. Process 1, container runtimes, the kubelet and the agent's own processes
 * are never denied. {@code close} answers what is pending.
 */
public interface GuardBackend extends Backend<GuardPlan> {
  /**
   * Asks whether accesses are answered, by having every target's reader answer one that is made for
   * the purpose. The host does so a few times in each {@code guard.deadline} and ends the process
   * if that stops: it is right not to return while an answer is missing. A target that is known to
   * wait for its file system, and that nobody is asked about any more, is left out. One thread at a
   * time, also beside {@code apply}, and after {@code close}.
   *
   * @return false if an access has waited for its answer since the last call
   */
  default boolean prove() {
    return true;
  }
}
