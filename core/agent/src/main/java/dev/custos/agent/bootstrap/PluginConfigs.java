package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.PluginInfo;
import dev.custos.agent.plugin.Provided;
import dev.custos.format.NearestName;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkProvider;
import java.net.URL;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Each plugin's own part of the configuration: what the file says over the defaults that the
 * plugin's jar brings in its {@code reference.conf}, under {@code custos.backends.NAME} or {@code
 * custos.sink-types.TYPE}. A plugin that brings defaults thereby says which settings it has; any
 * other is then an error. A setting that is null has no default, and the plugin does not see it.
 */
final class PluginConfigs {
  private final PluginCatalog catalog;
  private final AgentSettings settings;

  PluginConfigs(PluginCatalog catalog, AgentSettings settings) {
    this.catalog = catalog;
    this.settings = settings;
  }

  /** Looks for settings, sink types and backends that no plugin knows. */
  void check(ConfigFaults faults) {
    checkChosen("watch", catalog.watchBackends().keySet(), faults);
    checkChosen("guard", catalog.guardBackends().keySet(), faults);
    checkSinks(faults);
    checkBackends(faults);
  }

  private void checkChosen(String role, Set<String> known, ConfigFaults faults) {
    String path = "custos." + role + ".backend";
    if (settings.file() == null || !settings.file().hasPath(path)) {
      return;
    }
    String name = settings.file().getString(path);
    if (!known.contains(name)) {
      faults.add(
          settings.file().getValue(path).origin(),
          settings.file().root().origin(),
          path + " is \"" + Printable.escape(name) + "\"" + nobodyProvides(name, known));
    }
  }

  private String nobodyProvides(String written, Set<String> known) {
    return ", which no plugin in "
        + Printable.escape(settings.pluginsDirectory().toString())
        + " provides"
        + expected(written, known);
  }

  private void checkSinks(ConfigFaults faults) {
    for (SinkSettings sink : settings.sinks()) {
      Provided<SinkProvider> provided = catalog.sinks().get(sink.type());
      if (provided == null) {
        unknownType(sink, faults);
        continue;
      }
      checkKeys(
          writtenSink(sink),
          defaults(provided.plugin(), typePath(sink.type()), faults),
          "custos.sinks." + sink.name() + ".",
          faults);
    }
  }

  private void checkBackends(ConfigFaults faults) {
    for (String name : new TreeSet<>(settings.configuredBackends())) {
      ConfigValue section = settings.file().getObject("custos.backends").get(name);
      Optional<PluginInfo> plugin = backendPlugin(name);
      String path = "custos.backends." + Printable.escape(name);
      if (plugin.isEmpty()) {
        Set<String> known = new TreeSet<>(catalog.watchBackends().keySet());
        known.addAll(catalog.guardBackends().keySet());
        known.addAll(catalog.scanBackends().keySet());
        faults.add(
            section.origin(), null, path + " is for a backend" + nobodyProvides(name, known));
      } else if (!(section instanceof ConfigObject)) {
        faults.add(section.origin(), null, path + " is a section, not a value: { ... }");
      } else {
        checkKeys(
            writtenBackend(name),
            defaults(plugin.get(), backendPath(name), faults),
            path + ".",
            faults);
      }
    }
  }

  private void unknownType(SinkSettings sink, ConfigFaults faults) {
    String what =
        "custos.sinks."
            + sink.name()
            + ".type is \""
            + Printable.escape(sink.type())
            + "\""
            + nobodyProvides(sink.type(), catalog.sinks().keySet());
    if (settings.file() == null) {
      faults.add(what);
    } else {
      ConfigObject section = section(settings.file(), sinkPath(sink)).root();
      faults.add(section.get("type").origin(), section.origin(), what);
    }
  }

  private static String expected(String written, Set<String> known) {
    String hint = NearestName.hint(written, new TreeSet<>(known));
    return !hint.isEmpty()
        ? hint
        : known.isEmpty() ? "; there is none" : "; expected " + String.join(", ", known);
  }

  private Optional<PluginInfo> backendPlugin(String name) {
    Provided<?> provided = catalog.watchBackends().get(name);
    provided = provided == null ? catalog.guardBackends().get(name) : provided;
    provided = provided == null ? catalog.scanBackends().get(name) : provided;
    return Optional.ofNullable(provided).map(Provided::plugin);
  }

  private static void checkKeys(
      Config written, Optional<Config> defaults, String path, ConfigFaults faults) {
    defaults.ifPresent(
        known -> ConfigKeys.OF_PLUGIN.check(written.root(), known.root(), path, faults));
  }

  /** The settings of a backend. */
  Config backend(String name, PluginInfo plugin) throws StartException {
    return merge(writtenBackend(name), loaded(plugin, backendPath(name)));
  }

  /** The settings of a sink, without those that are the host's. */
  Config sink(SinkSettings sink, PluginInfo plugin) throws StartException {
    Config written = writtenSink(sink);
    if (!sink.overrides().isEmpty()) {
      written = ConfigFactory.parseMap(sink.overrides(), "the command line").withFallback(written);
    }
    return merge(written, loaded(plugin, typePath(sink.type())));
  }

  private Config writtenBackend(String name) {
    return section(settings.file(), backendPath(name));
  }

  private Config writtenSink(SinkSettings sink) {
    Config written = section(settings.file(), sinkPath(sink));
    for (String key : SinkReader.HOST_KEYS) {
      written = written.withoutPath(key);
    }
    return written;
  }

  private static String sinkPath(SinkSettings sink) {
    return "custos.sinks." + ConfigUtil.quoteString(sink.name());
  }

  private static String typePath(String type) {
    return "custos.sink-types." + ConfigUtil.quoteString(type);
  }

  private static String backendPath(String name) {
    return "custos.backends." + ConfigUtil.quoteString(name);
  }

  private static Config section(Config file, String path) {
    return file != null && file.hasPath(path) ? file.getConfig(path) : ConfigFactory.empty();
  }

  private Optional<Config> loaded(PluginInfo plugin, String path) throws StartException {
    ConfigFaults broken = new ConfigFaults();
    Optional<Config> defaults = defaults(plugin, path, broken);
    if (!broken.isEmpty()) {
      throw StartException.cannotRun(broken.lines().get(0), null);
    }
    return defaults;
  }

  private Optional<Config> defaults(PluginInfo plugin, String path, ConfigFaults faults) {
    Optional<URL> url = catalog.defaults(plugin);
    if (url.isEmpty()) {
      return Optional.empty();
    }
    try {
      Config all =
          ConfigFactory.parseURL(url.get(), ConfigParseOptions.defaults().setAllowMissing(false))
              .resolve();
      return all.hasPath(path) ? Optional.of(all.getConfig(path)) : Optional.empty();
    } catch (ConfigException e) {
      faults.add("plugin " + plugin.file() + ": its reference.conf is broken: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static Config merge(Config written, Optional<Config> defaults) {
    Config merged = defaults.map(written::withFallback).orElse(written);
    return withoutNulls(merged.root()).toConfig();
  }

  private static ConfigObject withoutNulls(ConfigObject section) {
    ConfigObject rest = section;
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      if (entry.getValue().valueType() == ConfigValueType.NULL) {
        rest = rest.withoutKey(entry.getKey());
      } else if (entry.getValue() instanceof ConfigObject inner) {
        rest = rest.withValue(entry.getKey(), withoutNulls(inner));
      }
    }
    return rest;
  }
}
