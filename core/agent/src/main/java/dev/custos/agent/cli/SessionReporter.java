package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.Agent;
import dev.custos.agent.bootstrap.AgentListener;
import dev.custos.agent.pipeline.SinkStatus;
import dev.custos.format.SafeText;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Says on stderr, a line each, what happens to the agent, and ends the session where it must. */
final class SessionReporter implements AgentListener {
  /** A sink that fails for long is not reported at each try. */
  private static final long AGAIN_NANOS = Duration.ofSeconds(30).toNanos();

  private final Terminal terminal;
  private final boolean quiet;
  private final Consumer<Session.End> end;
  private final Map<String, Long> reported = new HashMap<>();
  private final TargetNames targets = new TargetNames();
  private volatile Agent agent;
  // Null unless somebody else has to know how paths stand.
  private volatile Runnable statusWatcher;
  // Sinks whose reader went away: what they still had is no loss that anybody could miss.
  private final Set<String> unread = ConcurrentHashMap.newKeySet();
  private volatile Runnable readyWatcher = () -> {};
  private volatile String doing = "";
  private volatile boolean ready;
  private volatile boolean stopping;

  SessionReporter(Terminal terminal, boolean quiet, Consumer<Session.End> end) {
    this.terminal = terminal;
    this.quiet = quiet;
    this.end = end;
  }

  void attach(Agent opened) {
    agent = opened;
  }

  /** Runs {@code watcher} whenever a path's state may have changed; it must not block. */
  void onStatusChange(Runnable watcher) {
    statusWatcher = watcher;
  }

  /** The targets of this snapshot are told of from now on. */
  void applying(NodeSnapshot snapshot) {
    targets.learn(snapshot);
  }

  private void statusChanged() {
    Runnable watcher = statusWatcher;
    if (watcher != null) {
      watcher.run();
    }
  }

  void stopping() {
    stopping = true;
  }

  /** Runs {@code watcher} whenever all that was asked for is in place. */
  void onReady(Runnable watcher) {
    readyWatcher = watcher;
  }

  void ready(String line) {
    ready = true;
    readyWatcher.run();
    if (!quiet) {
      terminal.say(line);
    }
  }

  void progress(long seconds) {
    if (!quiet) {
      String what = doing;
      terminal.say("starting: " + seconds + " s" + (what.isEmpty() ? "" : ", " + what));
    }
  }

  /** Says how a path stands, unless all is well. */
  void path(String target, PathState state) {
    if (state.state() == PathState.State.ACTIVE && state.reason().isEmpty()) {
      return;
    }
    terminal.error(describe(target, state));
  }

  private String describe(String target, PathState state) {
    String what = state.state().name().toLowerCase(Locale.ROOT);
    return targets.prefix(target)
        + state.path()
        + ": "
        + what
        + (state.reason().isEmpty() ? "" : ": " + safe(state.reason()));
  }

  /** Says what a sink did not get by the end. */
  void lost(SinkStatus sink) {
    long lost = sink.counters().lost();
    long rejected = sink.counters().rejected();
    if (lost > 0 && !unread.contains(sink.name())) {
      terminal.error("sink " + sink.name() + ": " + lost + " events lost");
    }
    if (rejected > 0) {
      terminal.error("sink " + sink.name() + ": " + rejected + " events rejected");
    }
  }

  @Override
  public void changed(String target, PathState state, boolean whileApplying) {
    if (stopping) {
      return;
    }
    statusChanged();
    if (whileApplying || !ready) {
      doing = state.path() + ": " + safe(state.reason());
    } else if (state.state() == PathState.State.ACTIVE) {
      if (!quiet) {
        terminal.say("custos: " + describe(target, state));
      }
    } else {
      terminal.error(describe(target, state));
    }
  }

  @Override
  public void targetEnded(Target target) {
    tell(target, "has ended, and is looked for again");
  }

  @Override
  public void targetBack(Target target) {
    tell(target, "is there");
  }

  /** One line, however many paths are asked for. */
  private void tell(Target target, String what) {
    if (stopping) {
      return;
    }
    statusChanged();
    if (!quiet) {
      terminal.say(
          "custos: " + TargetNames.of(target) + " " + what + " (" + safe(target.id()) + ")");
    }
  }

  @Override
  public void backendDied(String backend, String reason) {
    if (!stopping) {
      statusChanged();
      terminal.error(backend + " died and is started again: " + safe(reason));
    }
  }

  @Override
  public void backendBack(String backend) {
    if (!quiet) {
      terminal.say("custos: " + backend + " is back");
    }
  }

  @Override
  public void failing(String sink, String reason, Duration pause) {
    if (mayReport("failing " + sink)) {
      terminal.error(
          "sink " + sink + " fails: " + safe(reason) + "; next try in " + pause.toMillis() + " ms");
    }
  }

  @Override
  public void recovered(String sink) {
    forget("failing " + sink);
    if (!quiet) {
      terminal.say("custos: sink " + sink + " works again");
    }
  }

  @Override
  public void rejected(String sink, long count, String reason) {
    if (mayReport("rejected " + sink)) {
      terminal.error("sink " + sink + " rejected " + count + " events: " + safe(reason));
    }
  }

  @Override
  public void spoolFailing(String sink, String reason) {
    if (mayReport("spool " + sink)) {
      terminal.error(
          "sink " + sink + " can't use its spool: " + safe(reason) + "; its events wait in memory");
    }
  }

  @Override
  public void spoolRecovered(String sink) {
    forget("spool " + sink);
    if (!quiet) {
      terminal.say("custos: sink " + sink + " can use its spool again");
    }
  }

  @Override
  public void stuck(String sink, String what) {
    terminal.error("sink " + sink + " " + safe(what));
  }

  @Override
  public void closed(String sink, String reason, Throwable cause) {
    boolean pipe = isClosedPipe(cause);
    if (pipe) {
      unread.add(sink);
    } else {
      terminal.error("sink " + sink + " failed for good: " + safe(reason));
    }
    Agent running = agent;
    if (running == null || !running.hasOpenSink()) {
      // Nobody reads any more, as after "| head": that is an end, not an error.
      end.accept(pipe ? Session.End.DONE : Session.End.NO_SINK);
    }
  }

  @Override
  public void limitReached(String sink) {
    end.accept(Session.End.DONE);
  }

  /** Whether a failure is EPIPE; the JDK has no type for it, and sinks pass its message on. */
  private static boolean isClosedPipe(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String message = t.getMessage();
      if (t instanceof IOException
          && message != null
          && (message.contains("Broken pipe") || message.contains("EPIPE"))) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean mayReport(String what) {
    long now = System.nanoTime();
    Long last = reported.get(what);
    if (last != null && now - last < AGAIN_NANOS) {
      return false;
    }
    reported.put(what, now);
    return true;
  }

  private synchronized void forget(String what) {
    reported.remove(what);
  }

  private static String safe(String text) {
    return SafeText.escape(text);
  }
}
