package dev.custos.controller.status;

import java.util.List;

/**
 * What an agent says of itself when its stream begins. Every text is bounded, and one line.
 *
 * @param runId made when the agent's process began: the same after a mere reconnect
 * @param agentVersion the product's
 * @param snapshotVersion of the snapshot that it holds to at this moment; empty if of none
 */
public record AgentFacts(
    String runId, String agentVersion, String snapshotVersion, List<BackendFact> backends) {
  /** What a backend does. */
  public enum Role {
    WATCH,
    GUARD,
    SCAN
  }

  /**
   * A backend plugin of the agent.
   *
   * @param available whether it works on this node
   * @param reason why it does not, or what is missing of it
   */
  public record BackendFact(String name, Role role, boolean available, String reason) {}

  public AgentFacts {
    backends = List.copyOf(backends);
  }
}
