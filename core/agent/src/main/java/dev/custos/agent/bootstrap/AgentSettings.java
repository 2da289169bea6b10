package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.agent.pipeline.EventMatch;
import dev.custos.agent.pipeline.SinkPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The settings that are the host's own. The defaults stand here, so that a start without a
 * configuration parses none; {@code reference.conf} says the same, and a test compares the two.
 *
 * @param pluginsDirectory where plugins are
 * @param requiredPlugins ids that must be among them
 * @param node what {@code {node}} prints; also the host's {@code {pod}} unless told otherwise
 * @param watchBackend the name of the backend that watches
 * @param guardBackend the name of the backend that guards
 * @param configuredBackends the backends that the configuration has a section for
 * @param applyDeadline how long a target may give no sign of life
 * @param drainDeadline how long sinks get for what is queued when the agent stops
 * @param guardDeadline how long guarded accesses may go without an answer
 * @param stateDirectory what outlives a run: spools, and the last snapshot of a controller
 * @param controller what is said of a controller
 * @param metrics where metrics, health and status are served
 * @param file what was read, for the own part of each plugin; null if nothing was
 */
public record AgentSettings(
    Path pluginsDirectory,
    List<String> requiredPlugins,
    String node,
    String watchBackend,
    String guardBackend,
    Set<String> configuredBackends,
    Duration applyDeadline,
    Duration drainDeadline,
    Duration guardDeadline,
    Path stateDirectory,
    ControllerSettings controller,
    MetricsSettings metrics,
    List<SinkSettings> sinks,
    Config file) {
  /** The type of the sink that writes to standard output. */
  public static final String STDOUT = "stdout";

  public AgentSettings {
    requiredPlugins = List.copyOf(requiredPlugins);
    configuredBackends = Set.copyOf(configuredBackends);
    sinks = List.copyOf(sinks);
  }

  /** What is in force without a configuration. */
  public static AgentSettings defaults(Path home) {
    return new AgentSettings(
        home.resolve("plugins"),
        List.of(),
        hostName(),
        "inotify",
        "fanotify",
        Set.of(),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        Duration.ofSeconds(2),
        stateHome(),
        ControllerSettings.NONE,
        MetricsSettings.DEFAULT,
        List.of(
            new SinkSettings(
                "console", STDOUT, SinkPolicy.DEFAULT, EventMatch.ALL, Map.of("format", "text"))),
        null);
  }

  /** The host's name as uname(2) gives it. */
  static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname"), StandardCharsets.UTF_8).trim();
    } catch (IOException e) {
      return "localhost";
    }
  }

  /** Where state is kept by default: the system's place for root, the user's own for others. */
  static Path stateHome() {
    return "root".equals(System.getProperty("user.name"))
        ? Path.of("/var/lib/custos")
        : Path.of(System.getProperty("user.home", "/"), ".local/state/custos");
  }

  /** The folder that each sink with a spool has a folder in, by its name. */
  static Path spools(Path state) {
    return state.resolve("spool");
  }

  /** Whether any sink writes to standard output. */
  public boolean hasStdout() {
    for (SinkSettings sink : sinks) {
      if (sink.type().equals(STDOUT)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The same, with the command line's wishes for standard output.
   *
   * @param json whether it is JSON rather than what the configuration says
   * @param limit after how many events to end; 0 for never
   */
  public AgentSettings withStdout(boolean json, long limit) {
    List<SinkSettings> changed = new ArrayList<>();
    for (SinkSettings sink : sinks) {
      if (sink.type().equals(STDOUT)) {
        Map<String, Object> overrides = new HashMap<>(sink.overrides());
        if (json) {
          overrides.put("format", "json");
        }
        changed.add(
            new SinkSettings(
                sink.name(), sink.type(), sink.policy().withLimit(limit), sink.match(), overrides));
      } else {
        changed.add(sink);
      }
    }
    return with(node, metrics, changed);
  }

  /** The same, under another name of the node. */
  public AgentSettings withNode(String name) {
    return with(name, metrics, sinks);
  }

  /** The same, with metrics served elsewhere. */
  public AgentSettings withMetrics(MetricsSettings other) {
    return with(node, other, sinks);
  }

  /** A sentence for each difference that a running agent can't take over. */
  List<String> changesThatNeedAStart(AgentSettings running) {
    List<String> changes = new ArrayList<>();
    compare("node.name", node, running.node, changes);
    compare("plugins.directory", pluginsDirectory, running.pluginsDirectory, changes);
    compare("plugins.required", requiredPlugins, running.requiredPlugins, changes);
    compare("watch.backend", watchBackend, running.watchBackend, changes);
    compare("guard.backend", guardBackend, running.guardBackend, changes);
    compare("guard.deadline", guardDeadline, running.guardDeadline, changes);
    compare("backends", backends(), running.backends(), changes);
    compare("apply.deadline", applyDeadline, running.applyDeadline, changes);
    compare("guard.deadline", guardDeadline, running.guardDeadline, changes);
    compare("state.directory", stateDirectory, running.stateDirectory, changes);
    compare("controller", controller, running.controller, changes);
    compare("metrics.address", metrics.address(), running.metrics.address(), changes);
    return changes;
  }

  private static void compare(String key, Object now, Object before, List<String> changes) {
    if (!now.equals(before)) {
      changes.add("custos." + key + " can't change while the agent runs; expected a restart");
    }
  }

  private Config backends() {
    return file != null && file.hasPath("custos.backends")
        ? file.getConfig("custos.backends")
        : ConfigFactory.empty();
  }

  private AgentSettings with(String name, MetricsSettings endpoint, List<SinkSettings> to) {
    return new AgentSettings(
        pluginsDirectory,
        requiredPlugins,
        name,
        watchBackend,
        guardBackend,
        configuredBackends,
        applyDeadline,
        drainDeadline,
        guardDeadline,
        stateDirectory,
        controller,
        endpoint,
        to,
        file);
  }
}
