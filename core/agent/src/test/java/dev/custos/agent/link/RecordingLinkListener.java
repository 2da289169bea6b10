package dev.custos.agent.link;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.snapshot.NodeSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Remembers what a link tells of itself. */
final class RecordingLinkListener implements LinkListener {
  final List<String> heard = new CopyOnWriteArrayList<>();

  /** Why streams ended. */
  final List<String> faults = new CopyOnWriteArrayList<>();

  final AtomicInteger refused = new AtomicInteger();

  @Override
  public void connected() {
    heard.add("connected");
  }

  @Override
  public void disconnected(String reason, Duration pause) {
    faults.add(reason);
    heard.add("disconnected");
  }

  @Override
  public void applied(NodeSnapshot snapshot, NodeOutcome outcome) {
    heard.add("applied " + snapshot.version());
  }

  @Override
  public void refused(String version, String reason) {
    refused.incrementAndGet();
  }

  @Override
  public void inspected(KernelInspection inspection) {
    heard.add("inspected " + inspection.differences());
  }

  @Override
  public void warned(String message) {
    heard.add("warned " + message);
  }
}
