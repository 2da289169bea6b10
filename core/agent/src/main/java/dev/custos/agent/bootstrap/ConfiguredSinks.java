package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.custos.agent.pipeline.EventPipeline;
import dev.custos.agent.pipeline.SinkChanges;
import dev.custos.agent.pipeline.SinkOpenException;
import dev.custos.agent.pipeline.SinkOpener;
import dev.custos.agent.pipeline.SinkSpec;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.Provided;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Brings a pipeline's sinks to what settings say. */
final class ConfiguredSinks {
  private final PluginCatalog catalog;
  private final Clock clock;

  ConfiguredSinks(PluginCatalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * Opens, keeps and closes sinks, all or nothing.
   *
   * @throws StartException with everything that is wrong with the settings of plugins and sinks;
   *     then nothing has changed
   */
  SinkChanges apply(AgentSettings settings, EventPipeline pipeline) throws StartException {
    List<SinkSpec> specs = specs(settings);
    try {
      return pipeline.reconfigure(specs);
    } catch (SinkOpenException e) {
      throw StartException.wrongInput(faults(e, specs));
    }
  }

  /** What the settings ask for, with every key of a plugin's own section looked at. */
  List<SinkSpec> specs(AgentSettings settings) throws StartException {
    PluginConfigs configs = new PluginConfigs(catalog, settings);
    ConfigFaults faults = new ConfigFaults();
    configs.check(faults);
    faults.check();
    List<SinkSpec> specs = new ArrayList<>();
    for (SinkSettings sink : settings.sinks()) {
      Provided<SinkProvider> provided = catalog.sinks().get(sink.type());
      Config config = configs.sink(sink, provided.plugin());
      specs.add(
          new SinkSpec(
              sink.name(),
              Map.entry(sink.type(), config),
              opener(provided.provider(), sink.name(), config),
              sink.policy(),
              sink.match()));
    }
    return specs;
  }

  private SinkOpener opener(SinkProvider provider, String name, Config config) {
    return () -> {
      try {
        return provider.open(new HostSinkContext(name, config, clock));
      } catch (ConfigException e) {
        // Says file, line and key, as the sink itself should have.
        throw SinkException.permanent(e.getMessage(), e);
      }
    };
  }

  /** The first sink that could not be opened is known; who corrects a file wants to know of all. */
  private static List<String> faults(SinkOpenException first, List<SinkSpec> specs) {
    List<String> faults = new ArrayList<>();
    faults.add(first.getMessage());
    boolean after = false;
    for (SinkSpec spec : specs) {
      if (after) {
        try {
          spec.opener().open().close();
        } catch (SinkException | RuntimeException | LinkageError e) {
          String reason = e instanceof SinkException ? e.getMessage() : e.toString();
          faults.add("sink " + spec.name() + " can't be opened: " + reason);
        }
      }
      after |= spec.name().equals(first.sink());
    }
    return faults;
  }
}
