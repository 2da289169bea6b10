package dev.custos.controller.metrics;

import java.util.List;

/** What probes ask for. Called by the endpoint's threads; must not block. */
public interface Health {
  /** Why this process should be started anew; empty if it lives. */
  List<String> notLiving();

  /** Why this replica could not serve or stand by; empty if it can. */
  List<String> notReady();
}
