package dev.custos.spi.guard;

import dev.custos.spi.Backend;

/**
 * A backend that answers the kernel by its plans. A verdict comes from the plan inside the backend
 * and is answered <em>before</em> it is published as {@link dev.custos.spi.event.AccessDecided}:
 * nothing else in the agent, whatever its state, delays an answer. One target's stuck file system
 * never delays another's. Process 1, container runtimes, the kubelet and the agent's own processes
 * are never denied. {@code close} answers what is pending.
 */
public interface GuardBackend extends Backend<GuardPlan> {}
