package dev.custos.controller.identity;

import java.util.concurrent.CompletableFuture;

/** Decides who an agent is. */
public interface Admission {
  /**
   * Looks at a token. Any thread; never blocks.
   *
   * @param token as the agent sent it; empty if it sent none
   * @param peer the address that it came from; whoever sends many bad tokens is put off
   * @return never exceptional, and complete within seconds
   */
  CompletableFuture<Verdict> judge(String token, String peer);

  /** Whether the agent's pod is still there. */
  boolean isLive(AgentIdentity identity);
}
