package dev.custos.controller.server;

import dev.custos.controller.metrics.EventTotal;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.KernelInspection;
import dev.custos.controller.status.ReportedSubject;
import java.util.List;

/** What the agents' streams tell the rest. Called by gRPC's threads; must not block. */
public interface AgentEvents {
  /** An agent has said who it is, and wants its snapshot. */
  void connected(String node, AgentFacts facts);

  void applied(String node, String version, List<ReportedSubject> subjects);

  void coverageChanged(String node, String version, List<ReportedSubject> subjects);

  /**
   * An agent has not applied a snapshot, nor any part of it, and goes on with the one before.
   *
   * @param reason names the field; bounded, and one line
   */
  void refused(String node, String version, String reason);

  /** An agent has compared the kernel with its plans, and puts right what differs. */
  void inspected(String node, KernelInspection inspection);

  /**
   * A snapshot is larger than any agent takes, and was not sent.
   *
   * @param reason names the size
   */
  void tooLarge(String node, String version, String reason);

  /** How many events an agent has told of since its run began. */
  void counted(String node, List<EventTotal> totals);

  /** The node has no agent any more. */
  void disconnected(String node);
}
