package dev.custos.agent.bootstrap;

import dev.custos.agent.pipeline.EventMatch;
import dev.custos.agent.pipeline.SinkPolicy;
import java.util.Map;

/**
 * One sink, as configured.
 *
 * @param name what the configuration calls it
 * @param type the name of its provider
 * @param policy how the host treats it
 * @param match which events it gets
 * @param overrides own settings from the command line, which win over the configuration
 */
public record SinkSettings(
    String name, String type, SinkPolicy policy, EventMatch match, Map<String, Object> overrides) {
  public SinkSettings {
    overrides = Map.copyOf(overrides);
  }
}
