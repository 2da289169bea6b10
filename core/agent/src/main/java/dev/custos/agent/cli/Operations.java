package dev.custos.agent.cli;

import dev.custos.agent.bootstrap.Agent;
import dev.custos.agent.bootstrap.AgentSettings;
import dev.custos.agent.bootstrap.HostPort;
import dev.custos.agent.bootstrap.MetricsSettings;
import dev.custos.agent.bootstrap.StartException;
import dev.custos.agent.metrics.MetricsServer;
import dev.custos.agent.pipeline.SinkChanges;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** What an operator has of a running agent: its endpoint, and its configuration read again. */
final class Operations implements AutoCloseable {
  private final Agent agent;
  private final SharedOptions options;
  private final Terminal terminal;
  private final Rereader rereader;
  private MetricsServer server;
  private ConfigWatch config;

  /** Reads the configuration again, and puts the command line over it again. */
  interface Rereader {
    AgentSettings read() throws CommandFailure;
  }

  Operations(Agent agent, SharedOptions options, Terminal terminal, Rereader rereader) {
    this.agent = agent;
    this.options = options;
    this.terminal = terminal;
    this.rereader = rereader;
  }

  /**
   * Serves metrics, if the settings say so.
   *
   * @throws CommandFailure if they were asked for and can't be had
   */
  void serve(MetricsSettings settings) throws CommandFailure {
    if (settings.address().isEmpty() || agent.metrics().isEmpty()) {
      return;
    }
    HostPort address = settings.address().get();
    try {
      server =
          MetricsServer.start(
              new InetSocketAddress(address.host(), address.port()), agent.metrics().get());
      if (!options.quiet()) {
        terminal.say(
            "custos: metrics: http://" + new HostPort(address.host(), server.port()) + "/metrics");
      }
    } catch (IOException | IllegalArgumentException e) {
      String what =
          "metrics can't be served at "
              + address
              + ": "
              + (e instanceof BindException
                  ? e.getMessage() + "; is another agent running?"
                  : "no such address: " + e.getMessage());
      String way = " --metrics HOST:PORT serves them elsewhere, --metrics off nowhere";
      if (settings.asked()) {
        throw new CommandFailure(ExitCode.CANNOT_RUN, what + way, e);
      }
      terminal.error(what + way + "; going on without");
    }
  }

  /** Follows the configuration's file. Returns what to run to have it read in any case. */
  Runnable followConfig() {
    config = new ConfigWatch(options.config(), options.configLook(), this::reload);
    config.start();
    return config::ask;
  }

  private void reload() {
    boolean taken = false;
    try {
      SinkChanges changes = agent.reload(rereader.read());
      taken = true;
      if (!options.quiet()) {
        terminal.say("custos: configuration read again: " + describe(changes));
      }
    } catch (CommandFailure e) {
      refuse(e.messages());
    } catch (StartException e) {
      refuse(e.messages());
    } catch (RuntimeException e) {
      refuse(List.of("reading the configuration failed: " + e));
    }
    boolean result = taken;
    agent.metrics().ifPresent(metrics -> metrics.reloads(result).inc());
  }

  private void refuse(List<String> messages) {
    messages.forEach(terminal::error);
    terminal.error("the configuration stays as it was, because of the errors above");
  }

  private static String describe(SinkChanges changes) {
    List<String> parts = new ArrayList<>();
    describe("added", changes.added(), parts);
    describe("changed", changes.changed(), parts);
    describe("removed", changes.removed(), parts);
    if (parts.isEmpty()) {
      return "no sink changed";
    }
    describe("kept", changes.kept(), parts);
    return String.join("; ", parts);
  }

  private static void describe(String what, List<String> sinks, List<String> parts) {
    if (!sinks.isEmpty()) {
      parts.add(what + " " + String.join(", ", sinks));
    }
  }

  /** From here on nothing changes any more; the endpoint goes on. */
  void stopFollowing() {
    if (config != null) {
      try {
        config.stop();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    stopFollowing();
    if (server != null) {
      server.close();
    }
  }
}
