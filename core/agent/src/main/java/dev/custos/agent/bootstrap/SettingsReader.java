package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.PluginException;
import dev.custos.spi.event.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code custos.conf} (HOCON) over the agent's defaults. What it does not know it refuses,
 * with file, line, key, what was expected and the nearest name that it knows; every fault of the
 * file at once.
 */
public final class SettingsReader {
  private static final String HOME = "home";
  private static final String HOST_NAME = "host-name";
  private static final String STATE_HOME = "state-home";
  private static final String ROOT = "custos";

  private final Path home;
  private final ConfigFaults faults = new ConfigFaults();

  private SettingsReader(Path home) {
    this.home = home;
  }

  /**
   * Reads a file.
   *
   * @throws StartException with every fault of it, also those in plugins' own sections
   */
  public static AgentSettings read(Path file, Path home) throws StartException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw StartException.wrongInput(
          Printable.escape(file.toString())
              + ": "
              + (Files.exists(file) ? "can't be read" : "there is no such file"),
          null);
    }
    try {
      return new SettingsReader(home).read(file);
    } catch (ConfigException e) {
      throw StartException.wrongInput(firstLine(e), e);
    }
  }

  private AgentSettings read(Path file) throws StartException {
    Config parsed =
        ConfigFactory.parseFile(
            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    Config bare =
        ConfigFactory.parseResources(SettingsReader.class.getClassLoader(), "reference.conf");
    Config facts = facts();
    Config reference = withoutFacts(bare.withFallback(facts).resolve());
    // Before the facts come in, so that a file that sets one of them hears that it can't.
    ConfigKeys.OF_HOST.check(
        parsed.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true)).root(),
        reference.root(),
        "",
        faults);
    Config written;
    try {
      written = withoutFacts(parsed.withFallback(facts).resolve());
    } catch (ConfigException e) {
      faults.add(firstLine(e));
      faults.check();
      throw e;
    }
    AgentSettings settings = settings(written, reference);
    if (!faults.isEmpty()) {
      addFaultsOfPlugins(settings);
    }
    faults.check();
    return settings;
  }

  /** What settings may refer to, and no file may set. */
  private Config facts() {
    return ConfigFactory.parseMap(
        Map.of(
            ROOT + "." + HOME,
            home.toString(),
            ROOT + "." + HOST_NAME,
            AgentSettings.hostName(),
            ROOT + "." + STATE_HOME,
            AgentSettings.stateHome().toString()));
  }

  private static Config withoutFacts(Config config) {
    return config
        .withoutPath(ROOT + "." + HOME)
        .withoutPath(ROOT + "." + HOST_NAME)
        .withoutPath(ROOT + "." + STATE_HOME);
  }

  private AgentSettings settings(Config written, Config reference) {
    ConfigSection top =
        new ConfigSection(
            "", written.root(), new ConfigSection("", reference.root(), null, faults), faults);
    ConfigSection custos = top.section(ROOT);
    ConfigSection plugins = custos.section("plugins");
    Path state = path(custos.section("state"), "directory");
    SinkReader reader =
        new SinkReader(
            custos.section("sink-defaults"),
            reference.getObject("custos.sink-defaults"),
            AgentSettings.spools(state),
            faults);
    reader.checkDefaults();
    return new AgentSettings(
        path(plugins, "directory"),
        plugins.texts("required"),
        custos.section("node").text("name", "a name"),
        custos.section("watch").text("backend", "the name of a backend, such as inotify"),
        custos.section("guard").text("backend", "the name of a backend, such as fanotify"),
        backends(written),
        custos.section("apply").time("deadline"),
        custos.section("stop").time("deadline"),
        custos.section("guard").timeOfAtLeast("deadline", Duration.ofSeconds(1)),
        state,
        controller(custos.section("controller")),
        metrics(custos.section("metrics")),
        sinks(written, reader),
        written);
  }

  private Path path(ConfigSection section, String key) {
    String text = section.text(key, "the path of a folder");
    try {
      return Path.of(text).toAbsolutePath();
    } catch (InvalidPathException e) {
      // It can hold no NUL, which is all that a path can't.
      throw new IllegalStateException(text, e);
    }
  }

  private static Set<String> backends(Config written) {
    Object backends = written.hasPath("custos.backends") ? written.getValue("custos.backends") : "";
    return backends instanceof ConfigObject object ? object.keySet() : Set.of();
  }

  private static ControllerSettings controller(ConfigSection section) {
    Optional<String> address = section.optionalText("address", ControllerSettings.ADDRESS);
    if (address.isPresent() && HostPort.parse(address.get(), 1).isEmpty()) {
      section.fault("address", "is not " + ControllerSettings.ADDRESS);
    }
    return new ControllerSettings(
        address.flatMap(text -> HostPort.parse(text, 1)),
        section.optionalText("ca", "the path of a file").map(SettingsReader::file),
        section.optionalText("token", "the path of a file").map(SettingsReader::file),
        section.optionalText("server-name", "a DNS name"),
        section.timeOr("inspect", "off").orElse(Duration.ZERO));
  }

  // It can hold no NUL, which is all that a path can't.
  private static Path file(String text) {
    return Path.of(text).toAbsolutePath();
  }

  private static MetricsSettings metrics(ConfigSection section) {
    MetricsSettings read =
        MetricsSettings.parse(
                section.text(
                    "address",
                    MetricsSettings.EXPECTED,
                    text -> MetricsSettings.parse(text).isPresent()))
            .orElseThrow();
    return section.says("address") ? read : new MetricsSettings(read.address(), false);
  }

  private List<SinkSettings> sinks(Config written, SinkReader reader) {
    Optional<ConfigValue> value =
        written.hasPath("custos.sinks")
            ? Optional.of(written.getValue("custos.sinks"))
            : Optional.empty();
    if (value.isEmpty() || !(value.get() instanceof ConfigObject sections)) {
      return AgentSettings.defaults(home).sinks();
    }
    // Sinks in the file stand instead of the default one: nobody wants that added silently.
    if (sections.isEmpty()) {
      faults.add(
          sections.origin(),
          null,
          "custos.sinks is empty, so nobody would hear of anything; expected a sink: NAME { type ="
              + " stdout }");
    }
    List<Map.Entry<String, ConfigValue>> inOrder = new ArrayList<>(sections.entrySet());
    inOrder.sort(
        Comparator.comparingInt(
                (Map.Entry<String, ConfigValue> entry) -> entry.getValue().origin().lineNumber())
            .thenComparing(Map.Entry::getKey));
    List<SinkSettings> sinks = new ArrayList<>();
    for (Map.Entry<String, ConfigValue> entry : inOrder) {
      reader.read(entry.getKey(), entry.getValue()).ifPresent(sinks::add);
    }
    return sinks;
  }

  /**
   * Looks at the plugins' sections, too, when the start fails in any case: who corrects a file
   * wants to do it once.
   */
  private void addFaultsOfPlugins(AgentSettings settings) {
    try (PluginCatalog catalog =
        PluginCatalog.open(settings.pluginsDirectory(), SpiVersion.forPlugins())) {
      new PluginConfigs(catalog, settings).check(faults);
    } catch (PluginException e) {
      // It is told at the next start, when the file is right: until then it may look in the wrong
      // folder.
      return;
    }
  }

  private static String firstLine(ConfigException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return Printable.escape(end < 0 ? message : message.substring(0, end));
  }
}
