package dev.custos.agent.link;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.snapshot.NodeSnapshot;
import java.time.Duration;

/** Hears how the link fares. Called by the link's thread; must not block. */
public interface LinkListener {
  /** The controller took the stream. */
  void connected();

  /** The stream ended or could not be opened; the next try is after {@code pause}. */
  void disconnected(String reason, Duration pause);

  /** A snapshot is in force; {@code outcome} is complete. */
  void applied(NodeSnapshot snapshot, NodeOutcome outcome);

  /** A snapshot was not applied, nor any part of it; the one before goes on. */
  void refused(String version, String reason);

  /** The kernel was compared with what it should have. */
  void inspected(KernelInspection inspection);

  /** Something else is wrong that somebody should know of; the link goes on. */
  void warned(String message);
}
