package dev.custos.controller.status;

import dev.custos.controller.crd.Condition;
import dev.custos.controller.crd.Coverage;
import dev.custos.controller.crd.GuardStatus;
import dev.custos.controller.crd.WatcherStatus;
import java.util.List;

/** A status of any kind; the kinds differ in what they call the pods that are served. */
record ResourceStatus(
    long generation, int observable, int served, List<Condition> conditions, Coverage coverage) {
  static final ResourceStatus NONE = new ResourceStatus(0, 0, 0, List.of(), null);

  ResourceStatus {
    conditions = List.copyOf(conditions);
  }

  /** Of an object's status; {@link #NONE} if it has none yet. */
  static ResourceStatus of(Object status) {
    if (status instanceof WatcherStatus w) {
      return new ResourceStatus(
          w.observedGeneration(),
          w.observablePods(),
          w.watchedPods(),
          w.conditions(),
          w.coverage());
    }
    if (status instanceof GuardStatus g) {
      return new ResourceStatus(
          g.observedGeneration(),
          g.observablePods(),
          g.guardedPods(),
          g.conditions(),
          g.coverage());
    }
    return NONE;
  }

  /** As the kind calls it. */
  Object of(String kind) {
    return kind.equals("JanusGuard")
        ? new GuardStatus(generation, observable, served, conditions, coverage)
        : new WatcherStatus(generation, observable, served, conditions, coverage);
  }
}
