package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.desired.AlarmThread;
import dev.custos.agent.desired.BackendReconciler;
import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.desired.NodeReconciler;
import dev.custos.agent.desired.PlanKind;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.metrics.AgentMetrics;
import dev.custos.agent.metrics.AgentState;
import dev.custos.agent.pipeline.EventPipeline;
import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.agent.pipeline.SinkChanges;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.PluginException;
import dev.custos.agent.plugin.ProbedBackend;
import dev.custos.agent.plugin.Provided;
import dev.custos.agent.watchdog.Heartbeat;
import dev.custos.agent.watchdog.Restart;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.Origin;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.spi.watch.WatchBackendProvider;
import dev.custos.spi.watch.WatchPlan;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The agent, put together. Opened with sinks and without any plan; closed in reverse order. */
public final class Agent implements AutoCloseable {
  private final AgentListener listener;
  private final PluginCatalog catalog;
  private final PluginConfigs configs;
  private final Clock clock = Clock.systemUTC();
  private final Closers closers = new Closers();
  private final EventPipeline pipeline;
  // Where backends' events go: the pipeline, with the counting for a controller before it.
  private final EventPublisher events;
  private final NodeReconciler node;
  private final Heartbeat heartbeat;
  private final ConfiguredSinks sinks;
  private final Instant started;
  // Null unless there is somebody to read them: loading what they need takes memory.
  private final AgentMetrics metrics;
  private volatile AgentSettings settings;
  private volatile boolean ready;

  private Agent(
      AgentSettings settings,
      PluginCatalog catalog,
      TargetOpener targets,
      AgentListener listener,
      Heartbeat heartbeat,
      Restart restart,
      Optional<OwnerCounts> counts)
      throws StartException {
    this.settings = settings;
    this.listener = listener;
    this.catalog = catalog;
    this.heartbeat = heartbeat;
    this.configs = new PluginConfigs(catalog, settings);
    this.sinks = new ConfiguredSinks(catalog, clock);
    this.started = clock.instant();
    this.metrics = settings.metrics().address().isPresent() ? new AgentMetrics(this::state) : null;
    closers.add("plugins", catalog::close);
    OwnerFormats formats = new OwnerFormats();
    pipeline = new EventPipeline(Origin.ofNode(settings.node()), formats, listener, clock);
    events = counts.map(c -> c.counting(pipeline)).orElse(pipeline);
    closers.add("pipeline", () -> pipeline.close(this.settings.drainDeadline()));
    AlarmThread alarms = new AlarmThread();
    closers.add("alarms", alarms::close);
    // Ended after the backends: up to then somebody may wait for an answer.
    closers.add("heartbeat", heartbeat::close);
    try {
      sinks.apply(settings, pipeline);
      node = node(targets, formats, alarms, heartbeat, restart);
    } catch (StartException | RuntimeException e) {
      closers.close();
      throw e;
    }
    closers.add("backends", node::close);
  }

  private NodeReconciler node(
      TargetOpener targets,
      OwnerFormats formats,
      AlarmThread alarms,
      Heartbeat heartbeat,
      Restart restart)
      throws StartException {
    BackendReconciler<WatchPlan> watches = watches(alarms);
    BackendReconciler<GuardPlan> guards = guards(alarms, heartbeat);
    NodeReconciler node =
        new NodeReconciler(targets, formats, watches, guards, heartbeat, listener, clock, alarms);
    if (restart.since() != null) {
      String detail = "the agent " + restart.reason() + " and was started again";
      node.absentSince(restart.since(), detail);
    }
    return node;
  }

  /**
   * Loads plugins, opens sinks and gets ready for a first snapshot.
   *
   * @param heartbeat ended with the agent
   * @param restart since when nothing was kept of what the first snapshot asks for
   * @param counts what is to count the events of each resource; empty if nobody asks for that
   * @throws StartException if anything that is configured can't be had
   */
  public static Agent open(
      AgentSettings settings,
      String spiVersion,
      TargetOpener targets,
      AgentListener listener,
      Heartbeat heartbeat,
      Restart restart,
      Optional<OwnerCounts> counts)
      throws StartException {
    PluginCatalog catalog;
    try {
      catalog = PluginCatalog.open(settings.pluginsDirectory(), spiVersion);
    } catch (PluginException e) {
      throw StartException.cannotRun(e.getMessage(), e);
    }
    try {
      catalog.require(settings.requiredPlugins());
      return new Agent(settings, catalog, targets, listener, heartbeat, restart, counts);
    } catch (PluginException e) {
      catalog.close();
      throw StartException.cannotRun(e.getMessage(), e);
    }
  }

  private BackendReconciler<WatchPlan> watches(AlarmThread alarms) throws StartException {
    Provided<WatchBackendProvider> provided =
        named(
            catalog.watchBackends(),
            settings.watchBackend(),
            "watch backend",
            "custos.watch.backend");
    NamedThreads threads = new NamedThreads(provided.name());
    Config config = configs.backend(provided.name(), provided.plugin());
    EventPublisher counted = counted(provided.name());
    return new BackendReconciler<>(
        provided.name(),
        PlanKind.WATCH,
        coverage ->
            provided.provider().open(new HostContext(config, counted, coverage, threads, clock)),
        events,
        listener,
        clock,
        alarms,
        settings.applyDeadline());
  }

  /** Null if no plugin can guard: a host that only watches needs none. */
  private BackendReconciler<GuardPlan> guards(AlarmThread alarms, Heartbeat heartbeat)
      throws StartException {
    Provided<GuardBackendProvider> provided = catalog.guardBackends().get(settings.guardBackend());
    if (provided == null) {
      return null;
    }
    NamedThreads threads = new NamedThreads(provided.name());
    Config config = configs.backend(provided.name(), provided.plugin());
    EventPublisher counted = counted(provided.name());
    return new BackendReconciler<>(
        provided.name(),
        PlanKind.GUARD,
        coverage -> {
          HostContext context = new HostContext(config, counted, coverage, threads, clock);
          GuardBackend backend = provided.provider().open(context);
          heartbeat.guarding(backend::prove);
          return backend;
        },
        events,
        listener,
        clock,
        alarms,
        settings.applyDeadline());
  }

  private EventPublisher counted(String backend) {
    return metrics == null ? events : metrics.counted(backend, events);
  }

  private <T> Provided<T> named(
      Map<String, Provided<T>> role, String name, String what, String setting)
      throws StartException {
    Provided<T> provided = role.get(name);
    if (provided == null) {
      throw StartException.cannotRun(
          setting
              + " is "
              + name
              + ", and no plugin in "
              + settings.pluginsDirectory()
              + " provides a "
              + what
              + " of that name; there "
              + known(role.keySet()),
          null);
    }
    return provided;
  }

  private static String known(java.util.Set<String> names) {
    return names.isEmpty() ? "is none at all" : "are " + String.join(", ", new TreeSet<>(names));
  }

  /** Starts to bring the node to a snapshot's state. */
  public NodeOutcome apply(NodeSnapshot snapshot) {
    return node.apply(snapshot);
  }

  /**
   * Takes over what may change while the agent runs, all or nothing: sinks and how they are
   * treated, and the deadline for stopping. Sinks that did not change keep their connections and
   * what is queued for them. Calls must not overlap.
   *
   * @throws StartException if a setting is wrong, or can change at a start alone; then everything
   *     is as it was
   */
  public SinkChanges reload(AgentSettings next) throws StartException {
    List<String> fixed = next.changesThatNeedAStart(settings);
    if (!fixed.isEmpty()) {
      throw StartException.wrongInput(fixed);
    }
    SinkChanges changes = sinks.apply(next, pipeline);
    settings = next;
    return changes;
  }

  /** Every backend that plugins provide, and whether it works here, found out now. */
  public List<ProbedBackend> probe() {
    return catalog.probe();
  }

  /** How every path stands. */
  public List<TargetStatus> status() {
    return node.status();
  }

  /**
   * Compares the kernel with what it should have, and puts right what differs. Waits for backends;
   * calls must not overlap.
   */
  public KernelInspection inspect() throws InterruptedException {
    return node.inspect();
  }

  /** How every sink stands. */
  public List<SinkStatus> sinks() {
    return pipeline.sinks();
  }

  public boolean hasOpenSink() {
    return pipeline.hasOpenSink();
  }

  /** What is counted; empty if the settings name no endpoint. */
  public Optional<AgentMetrics> metrics() {
    return Optional.ofNullable(metrics);
  }

  /** Says that everything asked for was set up, or that from here on it is being taken down. */
  public void ready(boolean now) {
    ready = now;
  }

  /** How everything stands. */
  public AgentState state() {
    List<AgentState.BackendState> backends = new ArrayList<>();
    backends.add(
        new AgentState.BackendState(
            "watch",
            settings.watchBackend(),
            node.watchStatus(),
            node.watchDeaths(),
            node.watchDifferences(),
            Optional.empty()));
    backends.add(
        new AgentState.BackendState(
            "guard",
            settings.guardBackend(),
            node.guardStatus(),
            node.guardDeaths(),
            node.guardDifferences(),
            heartbeat.sinceProof()));
    return new AgentState(
        SpiVersion.full(),
        settings.node(),
        started,
        clock.instant(),
        ready,
        pipeline.published(),
        backends,
        pipeline.sinks());
  }

  /**
   * Ends the backends, which publish what they read, then has the sinks write it, and closes
   * everything else. Every part is closed, whatever becomes of the others.
   */
  @Override
  public void close() {
    closers.close();
  }
}
