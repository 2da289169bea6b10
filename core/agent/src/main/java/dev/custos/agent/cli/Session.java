package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.Agent;
import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.SpiVersion;
import dev.custos.agent.bootstrap.StartException;
import dev.custos.agent.container.HostTargetOpener;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.desired.GuardRoom;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.agent.watchdog.Heartbeat;
import dev.custos.agent.watchdog.Restart;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** One run of the agent, for a fixed snapshot unless extended, from start to orderly end. */
class Session {
  /** Why a session ends. */
  enum End {
    /** As asked: the count or the time is reached, or nobody reads any more. */
    DONE,
    INTERRUPTED,
    /** SIGHUP, where it does not mean to read the configuration again. */
    HUNG_UP,
    /** Every sink failed for good. */
    NO_SINK
  }

  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Longer than the stop itself ever takes with its deadlines. */
  private static final long STOP_SECONDS = 30;

  private final Terminal terminal;
  private final SharedOptions options;
  final SessionReporter reporter;
  // Set before anything can end the session.
  Heartbeat heartbeat;
  private final AtomicReference<End> end = new AtomicReference<>();
  private final CountDownLatch ending = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  Session(Terminal terminal, SharedOptions options) {
    this.terminal = terminal;
    this.options = options;
    this.reporter = new SessionReporter(terminal, options.quiet(), this::end);
  }

  /** Ends the session; the first reason counts. Any thread. */
  void end(End reason) {
    if (end.compareAndSet(null, reason)) {
      ending.countDown();
    }
  }

  /** Runs until something ends it, and returns the exit code. */
  int run(AgentSettings settings, NodeSnapshot snapshot) throws CommandFailure {
    String noRoom = GuardRoom.refusal(snapshot);
    if (!noRoom.isEmpty()) {
      throw CommandFailure.wrongInput(noRoom);
    }
    HangUp hangUp = new HangUp(() -> end(End.HUNG_UP), rereads(), terminal::error);
    hangUp.handle();
    Thread hook = new Thread(this::interrupted, "custos-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return guarded(settings, snapshot, hangUp);
    } finally {
      stopped.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is stopping already, and this hook is why.
        ending.countDown();
      }
    }
  }

  /** On SIGINT or SIGTERM the JVM waits for this before it exits. */
  private void interrupted() {
    end(End.INTERRUPTED);
    try {
      if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        terminal.error("did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int guarded(AgentSettings settings, NodeSnapshot snapshot, HangUp hangUp)
      throws CommandFailure {
    Agent agent;
    heartbeat =
        Heartbeat.of(
            System.getenv(),
            settings.guardDeadline(),
            state(settings),
            () -> end(End.INTERRUPTED),
            terminal::error);
    if (heartbeat.restart().since() != null) {
      terminal.error("the agent " + heartbeat.restart().reason() + " and was started again");
    }
    reporter.onReady(heartbeat::ready);
    try {
      agent =
          Agent.open(
              settings,
              SpiVersion.forPlugins(),
              targets(),
              reporter,
              heartbeat,
              restart(),
              counts());
    } catch (StartException e) {
      throw SharedOptions.failure(e);
    }
    reporter.attach(agent);
    Operations operations = new Operations(agent, options, terminal, () -> reread(settings));
    try {
      operations.serve(settings.metrics());
      hangUp.awaitHandled();
      heartbeat.hearsHangUp();
      if (rereads()) {
        hangUp.rereadBy(operations.followConfig());
      }
      serve(agent, snapshot, System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(End.INTERRUPTED);
    } finally {
      operations.stopFollowing();
      stop(agent);
      operations.close();
    }
    return exitCode();
  }

  private boolean rereads() {
    return options.isDaemon() && options.config() != null;
  }

  /** The folder of what outlives a run. */
  Path state(AgentSettings settings) {
    return settings.stateDirectory();
  }

  /** Finds what the snapshots name. */
  TargetOpener targets() throws CommandFailure {
    return new HostTargetOpener();
  }

  /** Since when nothing was kept of what is asked for at once. */
  Restart restart() {
    return heartbeat.restart();
  }

  /** What counts events for a controller; none if there is none. */
  Optional<OwnerCounts> counts() {
    return Optional.empty();
  }

  /** The settings as they are now, under what stays for the whole session. */
  private AgentSettings reread(AgentSettings running) throws CommandFailure {
    return options.settings(terminal).withNode(running.node());
  }

  /**
   * What the agent is kept open for: returns when something has ended the session.
   *
   * @param started when it began, by {@link System#nanoTime}
   * @throws CommandFailure if it is of no use to go on
   */
  void serve(Agent agent, NodeSnapshot snapshot, long started)
      throws InterruptedException, CommandFailure {
    NodeOutcome outcome = agent.apply(snapshot);
    if (!applied(outcome)) {
      return;
    }
    if (!report(outcome)) {
      throw CommandFailure.cannotRun("nothing can be watched or guarded; see above");
    }
    agent.ready(true);
    reporter.ready("ready: " + summary(outcome, snapshot));
    await(started);
  }

  /** Waits for the plans. Returns false if the session ended meanwhile. */
  private boolean applied(NodeOutcome outcome) throws InterruptedException {
    long started = System.nanoTime();
    long told = started;
    while (!outcome.await(TimeUnit.MILLISECONDS.toNanos(50))) {
      if (end.get() != null) {
        return false;
      }
      if (System.nanoTime() - told > PROGRESS_NANOS) {
        told = System.nanoTime();
        reporter.progress(TimeUnit.NANOSECONDS.toSeconds(told - started));
      }
    }
    return true;
  }

  /** Says what is not as asked. Returns false if nothing at all is. */
  private boolean report(NodeOutcome outcome) {
    boolean any = false;
    for (TargetStatus status : outcome.statuses()) {
      any |= status.hasAny();
      for (PathState path : status.paths()) {
        reporter.path(status.target(), path);
      }
    }
    return any;
  }

  /** What an applied snapshot came to, in a few words. */
  static String summary(NodeOutcome outcome, NodeSnapshot snapshot) {
    boolean watches = false;
    boolean guards = false;
    for (NodeSnapshot.Target target : snapshot.targets()) {
      watches |= !target.watches().isEmpty();
      guards |= !target.guards().isEmpty();
    }
    String text = watches ? "watching " + outcome.watchObjects() + " directories" : "";
    if (guards) {
      text += (watches ? ", " : "") + "guarding " + outcome.guardedPaths() + " paths";
    }
    return text;
  }

  /** Waits until something ends the session. */
  final void await(long started) throws InterruptedException {
    if (options.duration() == null) {
      ending.await();
    } else {
      long left = options.duration().toNanos() - (System.nanoTime() - started);
      if (!ending.await(left, TimeUnit.NANOSECONDS)) {
        end(End.DONE);
      }
    }
  }

  private void stop(Agent agent) {
    reporter.stopping();
    agent.ready(false);
    heartbeat.stopping();
    try {
      agent.close();
    } catch (IllegalStateException e) {
      terminal.error(e.getMessage());
      for (Throwable more : e.getSuppressed()) {
        terminal.error(more.getMessage());
      }
    }
    for (SinkStatus sink : agent.sinks()) {
      reporter.lost(sink);
    }
  }

  private int exitCode() {
    return switch (end.get()) {
      case DONE -> ExitCode.OK;
      case INTERRUPTED -> ExitCode.INTERRUPTED;
      case HUNG_UP -> ExitCode.HUNG_UP;
      case NO_SINK -> ExitCode.CANNOT_RUN;
    };
  }
}
