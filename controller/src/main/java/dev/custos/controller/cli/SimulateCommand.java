package dev.custos.controller.cli;

import dev.custos.controller.server.simulation.Figures;
import dev.custos.controller.server.simulation.Simulation;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "simulate",
    description = {
      "Measures the controller on a cluster that does not exist: pods and watchers in memory in"
          + " place of an API server, and agents that connect over loopback TCP and report every"
          + " path as active. Needs no cluster and changes nothing. Figures go to stdout, progress"
          + " to stderr."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured, whatever the figures are",
      "1:the input is wrong",
      "2:it could not run, or agents did not answer in time"
    })
final class SimulateCommand implements Callable<Integer> {
  private static final double MEBIBYTE = 1 << 20;

  @Option(
      names = "--agents",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Nodes, with an agent each. Default: ${DEFAULT-VALUE}.")
  private int agents;

  @Option(
      names = "--pods",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Pods, each selected by one watcher. Default: ${DEFAULT-VALUE}.")
  private int pods;

  @Option(
      names = "--watchers",
      paramLabel = "N",
      defaultValue = "1000",
      description = "ArgusWatchers, with two subjects each. Default: ${DEFAULT-VALUE}.")
  private int watchers;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = {
        "TCP connections that the agents share; each takes two descriptors of this process."
            + " Default: one for each agent, but no more than 500."
      })
  private Integer connections;

  @Option(
      names = "--additions",
      paramLabel = "N",
      defaultValue = "2000",
      description = {
        "Pods to add one by one, to measure how long it takes until a node's agent has answered."
            + " Default: ${DEFAULT-VALUE}."
      })
  private int additions;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many of them in a second. Default: ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "How long to wait for agents' answers. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (connections == null) {
      connections = Math.min(agents, 500);
    }
    atLeastOne("--agents", agents);
    atLeastOne("--pods", pods);
    atLeastOne("--watchers", watchers);
    atLeastOne("--connections", connections);
    atLeastOne("--additions", additions);
    atLeastOne("--rate", rate);
    atLeastOne("--timeout", timeout);
    PrintWriter err = spec.commandLine().getErr();
    Simulation.Size size =
        new Simulation.Size(
            agents,
            pods,
            watchers,
            Math.min(connections, agents),
            additions,
            rate,
            Duration.ofSeconds(timeout));
    try (Simulation simulation =
        new Simulation(
            size,
            step -> {
              err.println("simulate: " + step);
              err.flush();
            })) {
      print(simulation.run());
    }
    return 0;
  }

  private void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new ParameterException(spec.commandLine(), option + " " + value + ": at least 1");
    }
  }

  private void print(Figures figures) {
    line("one pod added, to its agent's answer, p50", millis(figures.added().percentile(50)));
    line("... p99", millis(figures.added().percentile(99)));
    line("... max", millis(figures.added().percentile(100)));
    line("all agents connected and answered", millis(figures.connected()));
    line("all agents anew, after every stream ended", millis(figures.resynced()));
    line("a change that concerns every agent, answered", millis(figures.changed()));
    line("pods and watchers taken in", millis(figures.listed()));
    line(
        "heap in use after a full collection",
        String.format(Locale.ROOT, "%.0f MiB", figures.heap() / MEBIBYTE));
    line(
        "heap allowed",
        String.format(Locale.ROOT, "%.0f MiB", Runtime.getRuntime().maxMemory() / MEBIBYTE));
  }

  private void line(String what, String figure) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "%-46s %12s%n", what, figure);
    out.flush();
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", (double) nanos / TimeUnit.MILLISECONDS.toNanos(1));
  }
}
