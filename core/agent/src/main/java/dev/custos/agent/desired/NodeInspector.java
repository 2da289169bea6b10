package dev.custos.agent.desired;

import dev.custos.spi.Inspection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Compares all backends of a node with the kernel. */
final class NodeInspector {
  /** Longer than a change is on its way from the kernel to a backend's books. */
  private static final Duration SECOND_LOOK = Duration.ofSeconds(1);

  private final List<BackendInspector> inspectors;

  NodeInspector(List<BackendInspector> inspectors) {
    this.inspectors = List.copyOf(inspectors);
  }

  /** Waits for the backends, and a moment longer if something differs. */
  KernelInspection inspect() throws InterruptedException {
    KernelInspection all = KernelInspection.NOTHING;
    for (BackendInspector inspector : inspectors) {
      Optional<Inspection> seen = inspector.inspect(false);
      if (inspector.isSuspicious()) {
        Thread.sleep(SECOND_LOOK.toMillis());
        seen = inspector.inspect(true);
      }
      if (seen.isPresent()) {
        all = all.and(inspector.name(), seen.get());
      }
    }
    return all;
  }
}
