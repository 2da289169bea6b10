package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.agent.pipeline.RetryPolicy;
import dev.custos.agent.pipeline.SinkPolicy;
import dev.custos.format.NearestName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code custos.conf} (HOCON) over the agent's defaults. What it does not know it refuses,
 * with file, line, key and the nearest name that it knows.
 */
public final class SettingsReader {
  private static final String HOME = "custos.home";
  private static final String HOST_NAME = "custos.host-name";
  private static final String ROOT = "custos";

  private SettingsReader() {}

  /** Reads a file. */
  public static AgentSettings read(Path file, Path home) throws StartException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw StartException.wrongInput(
          file + ": " + (Files.exists(file) ? "can't be read" : "there is no such file"), null);
    }
    try {
      Config parsed =
          ConfigFactory.parseFile(
              file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
      Config reference =
          ConfigFactory.parseResources(SettingsReader.class.getClassLoader(), "reference.conf");
      // Before the facts come in, so that a file that sets one of them hears that it can't.
      checkKeys(
          parsed.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true)).root(),
          reference.root());
      Config written =
          parsed.withFallback(facts(home)).resolve().withoutPath(HOME).withoutPath(HOST_NAME);
      checkKeys(written.root(), reference.root());
      return settings(written, withHome(written.withFallback(reference), home), home);
    } catch (ConfigException e) {
      throw StartException.wrongInput(firstLine(e), e);
    } catch (IllegalArgumentException e) {
      throw StartException.wrongInput(file + ": " + e.getMessage(), e);
    }
  }

  private static Config withHome(Config config, Path home) {
    return config.withFallback(facts(home)).resolve();
  }

  /** What settings may refer to, and no file may set. */
  private static Config facts(Path home) {
    return ConfigFactory.parseMap(
        Map.of(HOME, home.toString(), HOST_NAME, AgentSettings.hostName()));
  }

  private static AgentSettings settings(Config written, Config all, Path home)
      throws StartException {
    Config custos = all.getConfig(ROOT);
    List<SinkSettings> sinks = new ArrayList<>();
    if (written.hasPath("custos.sinks")) {
      // Sinks in the file stand instead of the default one: nobody wants that added silently.
      for (Map.Entry<String, ConfigValue> entry : written.getObject("custos.sinks").entrySet()) {
        sinks.add(sink(entry.getKey(), entry.getValue(), custos.getConfig("sink-defaults")));
      }
      if (sinks.isEmpty()) {
        throw StartException.wrongInput(
            written.getValue("custos.sinks").origin().description()
                + ": custos.sinks is empty, so nobody would hear of anything; name a sink",
            null);
      }
    } else {
      sinks.addAll(AgentSettings.defaults(home).sinks());
    }
    return new AgentSettings(
        Path.of(custos.getString("plugins.directory")),
        custos.getStringList("plugins.required"),
        custos.getString("node.name"),
        custos.getString("watch.backend"),
        custos.getString("guard.backend"),
        written.hasPath("custos.backends")
            ? written.getObject("custos.backends").keySet()
            : Set.of(),
        positive(custos, "apply.deadline"),
        positive(custos, "stop.deadline"),
        sinks,
        written);
  }

  private static SinkSettings sink(String name, ConfigValue value, Config defaults)
      throws StartException {
    String path = "custos.sinks." + name;
    if (!(value instanceof ConfigObject section)) {
      throw StartException.wrongInput(
          value.origin().description() + ": " + path + " is no section { type = ... }", null);
    }
    Config own = section.toConfig();
    if (!own.hasPath("type")) {
      throw StartException.wrongInput(
          value.origin().description() + ": " + path + " has no type, such as stdout", null);
    }
    Config with = own.withFallback(defaults);
    int capacity = with.getInt("queue-capacity");
    int batch = with.getInt("max-batch");
    if (capacity < 2 || batch < 1) {
      throw StartException.wrongInput(
          value.origin().description()
              + ": "
              + path
              + ".queue-capacity must be at least 2 and max-batch at least 1",
          null);
    }
    return new SinkSettings(
        name,
        own.getString("type"),
        new SinkPolicy(
            capacity,
            Optional.empty(),
            batch,
            with.getDuration("linger"),
            positive(with, "write-deadline"),
            new RetryPolicy(
                positive(with, "retry-min"), positive(with, "retry-max"), 2, Optional.empty()),
            0),
        Map.of());
  }

  private static Duration positive(Config config, String path) throws StartException {
    Duration duration = config.getDuration(path);
    if (duration.isNegative() || duration.isZero()) {
      throw StartException.wrongInput(
          config.getValue(path).origin().description() + ": " + path + " must be more than 0",
          null);
    }
    return duration;
  }

  /** Refuses what is not in the reference; {@code sinks} and {@code backends} are free below. */
  private static void checkKeys(ConfigObject written, ConfigObject reference)
      throws StartException {
    ConfigValue root = written.get(ROOT);
    for (Map.Entry<String, ConfigValue> entry : written.entrySet()) {
      if (!entry.getKey().equals(ROOT)) {
        throw unknown(entry.getValue(), "", entry.getKey(), Set.of(ROOT));
      }
    }
    if (root != null) {
      checkBelow(root, reference.get(ROOT), ROOT);
    }
  }

  private static void checkBelow(ConfigValue written, ConfigValue known, String path)
      throws StartException {
    if (!(known instanceof ConfigObject section)) {
      return;
    }
    if (!(written instanceof ConfigObject values)) {
      if (written.valueType() == ConfigValueType.NULL) {
        return;
      }
      throw StartException.wrongInput(
          written.origin().description() + ": " + path + " is a section, not a value", null);
    }
    if (path.equals("custos.sinks") || path.equals("custos.backends")) {
      return;
    }
    for (Map.Entry<String, ConfigValue> entry : values.entrySet()) {
      ConfigValue next = section.get(entry.getKey());
      if (next == null) {
        throw unknown(entry.getValue(), path + ".", entry.getKey(), section.keySet());
      }
      checkBelow(entry.getValue(), next, path + "." + entry.getKey());
    }
  }

  private static StartException unknown(
      ConfigValue value, String prefix, String key, Set<String> known) {
    return StartException.wrongInput(
        value.origin().description()
            + ": "
            + prefix
            + key
            + " is not a setting"
            + NearestName.hint(key, known),
        null);
  }

  private static String firstLine(ConfigException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
