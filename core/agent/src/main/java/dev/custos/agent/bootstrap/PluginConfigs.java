package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.PluginInfo;
import dev.custos.format.NearestName;
import java.net.URL;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Each plugin's own part of the configuration: what the file says over the defaults that the
 * plugin's jar brings in its {@code reference.conf}, under {@code custos.backends.NAME} or {@code
 * custos.sink-types.TYPE}. A plugin that brings defaults thereby says which settings it has; any
 * other is then an error.
 */
final class PluginConfigs {
  /** What the host reads of a sink's section itself. */
  static final Set<String> HOST_KEYS =
      Set.of(
          "type",
          "queue-capacity",
          "max-batch",
          "linger",
          "write-deadline",
          "retry-min",
          "retry-max");

  private final PluginCatalog catalog;
  private final Config file;

  /**
   * Makes it.
   *
   * @param file what the user wrote; null if nothing
   */
  PluginConfigs(PluginCatalog catalog, Config file) {
    this.catalog = catalog;
    this.file = file;
  }

  /** The settings of a backend. */
  Config backend(String name, PluginInfo plugin) throws StartException {
    String path = "custos.backends." + quote(name);
    return merge(section(path), defaults(plugin, path), "custos.backends." + name);
  }

  /** The settings of a sink, without those that are the host's. */
  Config sink(SinkSettings sink, PluginInfo plugin) throws StartException {
    String path = "custos.sinks." + quote(sink.name());
    Config written = section(path);
    for (String key : HOST_KEYS) {
      written = written.withoutPath(key);
    }
    if (!sink.overrides().isEmpty()) {
      written = ConfigFactory.parseMap(sink.overrides(), "the command line").withFallback(written);
    }
    return merge(
        written,
        defaults(plugin, "custos.sink-types." + quote(sink.type())),
        "custos.sinks." + sink.name());
  }

  private Config section(String path) {
    return file != null && file.hasPath(path) ? file.getConfig(path) : ConfigFactory.empty();
  }

  private Optional<Config> defaults(PluginInfo plugin, String path) throws StartException {
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
      throw StartException.cannotRun(
          "plugin " + plugin.file() + ": its reference.conf is broken: " + e.getMessage(), e);
    }
  }

  private static Config merge(Config written, Optional<Config> defaults, String shown)
      throws StartException {
    if (defaults.isEmpty()) {
      return written;
    }
    Set<String> known = defaults.get().root().keySet();
    for (Map.Entry<String, ConfigValue> entry : written.root().entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw StartException.wrongInput(
            entry.getValue().origin().description()
                + ": "
                + shown
                + "."
                + entry.getKey()
                + " is not a setting"
                + NearestName.hint(entry.getKey(), known),
            null);
      }
    }
    return written.withFallback(defaults.get());
  }

  private static String quote(String key) {
    return ConfigUtil.quoteString(key);
  }
}
