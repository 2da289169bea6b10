package dev.custos.controller.server;

import dev.custos.controller.status.ReportedSubject;
import java.util.List;

/** What the agents' streams tell the rest. Called by gRPC's threads; must not block. */
public interface AgentEvents {
  /** An agent has said who it is, and wants its snapshot. */
  void connected(String node);

  void applied(String node, String version, List<ReportedSubject> subjects);

  void coverageChanged(String node, String version, List<ReportedSubject> subjects);

  /** The node has no agent any more. */
  void disconnected(String node);
}
