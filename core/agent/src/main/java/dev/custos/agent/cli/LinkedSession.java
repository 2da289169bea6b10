package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.Agent;
import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.HostPort;
import dev.custos.agent.bootstrap.SpiVersion;
import dev.custos.agent.container.NodeTargetOpener;
import dev.custos.agent.container.TargetOpener;
import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.desired.TargetStatus;
import dev.custos.agent.link.ControllerLink;
import dev.custos.agent.link.LinkListener;
import dev.custos.agent.link.LinkSecurity;
import dev.custos.agent.link.LinkSettings;
import dev.custos.agent.link.LinkedNode;
import dev.custos.agent.link.SnapshotStore;
import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.agent.watchdog.Restart;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A session whose snapshots come from a controller; and before it answers, from the disk. */
final class LinkedSession extends Session {
  /** How many paths that are not active are named after a snapshot; the rest are counted. */
  private static final int NAMED = 20;

  private final OwnerCounts counts = new OwnerCounts();
  private final HostPort controller;
  private final LinkSecurity security;
  private final Duration inspection;
  private final Path state;
  private final Terminal terminal;
  private final SharedOptions options;

  LinkedSession(
      Terminal terminal,
      SharedOptions options,
      HostPort controller,
      LinkSecurity security,
      Duration inspection,
      Path state) {
    super(terminal, options);
    this.terminal = terminal;
    this.options = options;
    this.controller = controller;
    this.security = security;
    this.inspection = inspection;
    this.state = state;
  }

  @Override
  Optional<OwnerCounts> counts() {
    return Optional.of(counts);
  }

  @Override
  Path state(AgentSettings settings) {
    return state;
  }

  /** Runs until something ends it, and returns the exit code. */
  int run(AgentSettings settings) throws CommandFailure {
    return run(settings, new NodeSnapshot("", settings.node(), List.of()));
  }

  @Override
  Restart restart() {
    Restart told = heartbeat.restart();
    if (told.since() != null) {
      return told;
    }
    try {
      return new SnapshotStore(state)
          .lifeSign()
          .last()
          .map(since -> new Restart(since, "ended", told.quarantined()))
          .orElse(told);
    } catch (IOException e) {
      terminal.error("it is not known up to when the last run lasted: " + e.getMessage());
      return told;
    }
  }

  @Override
  TargetOpener targets() throws CommandFailure {
    try {
      return new NodeTargetOpener();
    } catch (IOException e) {
      throw CommandFailure.cannotRun("this node's processes can't be seen: " + e.getMessage());
    }
  }

  @Override
  void serve(Agent agent, NodeSnapshot nothing, long started) throws InterruptedException {
    LinkSettings settings =
        LinkSettings.of(
            controller.host(),
            controller.port(),
            nothing.node(),
            SpiVersion.full(),
            inspection,
            security);
    try (ControllerLink link =
        new ControllerLink(
            settings,
            agent.probe(),
            new AgentNode(agent, counts, reporter),
            new SnapshotStore(state),
            new Announcer(agent))) {
      reporter.onStatusChange(link::statusChanged);
      link.start();
      // Not the first snapshot: it may be long in coming, and the agent does what it can.
      heartbeat.ready();
      await(started);
    }
  }

  private record AgentNode(Agent agent, OwnerCounts counts, SessionReporter reporter)
      implements LinkedNode {
    @Override
    public CompletableFuture<KernelInspection> inspect() {
      CompletableFuture<KernelInspection> done = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  done.complete(agent.inspect());
                } catch (InterruptedException | RuntimeException e) {
                  done.completeExceptionally(e);
                }
              },
              "custos-inspect");
      thread.setDaemon(true);
      thread.start();
      return done;
    }

    @Override
    public NodeOutcome apply(NodeSnapshot snapshot) {
      reporter.applying(snapshot);
      return agent.apply(snapshot);
    }

    @Override
    public List<TargetStatus> status() {
      return agent.status();
    }

    @Override
    public OwnerCounts counts() {
      return counts;
    }
  }

  /** Says on stderr how the link fares. */
  private final class Announcer implements LinkListener {
    private final Agent agent;

    // Touched by the link's thread alone.
    private String lastReason = "";

    Announcer(Agent agent) {
      this.agent = agent;
    }

    @Override
    public void connected() {
      lastReason = "";
      if (!options.quiet()) {
        terminal.say("custos: connected to the controller at " + address());
      }
    }

    @Override
    public void disconnected(String reason, Duration pause) {
      // The same over and over, while it is away, would help nobody.
      if (!reason.equals(lastReason)) {
        lastReason = reason;
        terminal.error(
            "no stream to the controller at "
                + address()
                + ": "
                + Printable.escape(reason)
                + "; trying again, and going on with the last snapshot");
      }
    }

    @Override
    public void applied(NodeSnapshot snapshot, NodeOutcome outcome) {
      int notActive = 0;
      for (TargetStatus target : outcome.statuses()) {
        for (PathState path : target.paths()) {
          if (path.state() != PathState.State.ACTIVE && ++notActive > NAMED) {
            continue;
          }
          reporter.path(target.target(), path);
        }
      }
      if (notActive > NAMED) {
        terminal.error("and " + (notActive - NAMED) + " more paths are not active");
      }
      agent.ready(true);
      String summary = summary(outcome, snapshot);
      reporter.ready("ready: " + (summary.isEmpty() ? "nothing to watch or guard" : summary));
    }

    @Override
    public void refused(String version, String reason) {
      terminal.error(
          "the controller's snapshot is refused, and the last one goes on: "
              + Printable.escape(reason));
    }

    @Override
    public void inspected(KernelInspection inspection) {
      if (!inspection.matches()) {
        terminal.error(
            "the kernel had "
                + inspection.found()
                + " watches and marks of "
                + inspection.expected()
                + ": "
                + Printable.escape(inspection.differences().get(0)));
      }
    }

    @Override
    public void warned(String message) {
      terminal.error(Printable.escape(message));
    }

    private String address() {
      return Printable.escape(controller.toString());
    }
  }
}
