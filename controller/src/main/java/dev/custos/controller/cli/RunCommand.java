package dev.custos.controller.cli;

import dev.custos.controller.Controller;
import dev.custos.controller.election.Election;
import dev.custos.controller.election.LeaseElection;
import dev.custos.controller.election.LeaseName;
import dev.custos.controller.metrics.ControllerMetrics;
import dev.custos.controller.metrics.Health;
import dev.custos.controller.metrics.MetricsServer;
import dev.custos.controller.status.Pace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    description = "Runs the controller until it is stopped.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final int HIGHEST_PORT = 65535;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "9444",
      description = "Where agents connect to; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Mixin private IdentityOptions identity;

  @Option(
      names = "--no-leader-election",
      description = {
        "Serve agents without asking whether another replica does. Only for one that is alone."
      })
  private boolean alone;

  @Option(
      names = "--lease",
      paramLabel = "NAMESPACE/NAME",
      defaultValue = "custos/custos-controller",
      description = {
        "The Lease by which one of several replicas leads. The others stand by, and bind no port."
            + " Default: ${DEFAULT-VALUE}."
      })
  private String lease;

  @Option(
      names = "--metrics-port",
      paramLabel = "N",
      defaultValue = "2112",
      description = {
        "Where /metrics, /healthz and /readyz are, on all addresses; 0 takes a free one."
            + " Default: ${DEFAULT-VALUE}."
      })
  private int metricsPort;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    checkPort("--port", port);
    checkPort("--metrics-port", metricsPort);
    identity.check(spec.commandLine());
    LeaseName name =
        LeaseName.parse(lease)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "--lease " + lease + ": is not NAMESPACE/NAME"));
    ControllerMetrics metrics = new ControllerMetrics(version(), System::nanoTime);
    Waiting health = new Waiting();
    // Probes are answered from the beginning: a process that waits for the API server is not helped
    // by being started anew.
    try (KubernetesClient client = ApiServer.open(metrics);
        KubernetesClient leases = ApiServer.forLeases(client, metrics);
        MetricsServer endpoint = serveMetrics(metrics, health)) {
      say("metrics and health are on port " + endpoint.port());
      ApiServer.awaitAnswer(
          client,
          fault -> {
            health.waitsBecause(fault);
            say(fault);
          });
      try (IdentityOptions.Identity known = identity.open(client);
          Controller controller =
              new Controller(
                  client,
                  () -> known.transport(port),
                  known.pods(),
                  known.admission(),
                  alone ? Election.none() : new LeaseElection(leases, name, ownName()),
                  Pace.USUAL,
                  metrics)) {
        health.over(controller.health());
        serve(controller, name);
      }
    }
    return 0;
  }

  private void serve(Controller controller, LeaseName name)
      throws InterruptedException, IOException {
    // Ctrl-C and SIGTERM: end the streams, so that agents look elsewhere at once.
    Runtime.getRuntime().addShutdownHook(new Thread(controller::close, "shutdown"));
    controller.onServing(at -> say("ready: agents connect to port " + at));
    if (controller.start() && !alone) {
      say("the cluster is listed; agents are let in when this replica holds the lease " + name);
    }
    controller.awaitTermination();
  }

  private void checkPort(String option, int number) {
    if (number < 0 || number > HIGHEST_PORT) {
      throw new ParameterException(
          spec.commandLine(), option + " " + number + ": a port is from 0 to " + HIGHEST_PORT);
    }
  }

  private MetricsServer serveMetrics(ControllerMetrics metrics, Health health) throws IOException {
    try {
      return MetricsServer.start(new InetSocketAddress(metricsPort), metrics, health);
    } catch (BindException e) {
      throw new IOException(
          "port " + metricsPort + " for metrics: " + e.getMessage() + "; choose by --metrics-port",
          e);
    }
  }

  private void say(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }

  private static String version() {
    return Optional.ofNullable(RunCommand.class.getPackage().getImplementationVersion())
        .orElse("unknown");
  }

  // In a pod the host name is the pod's, which is what people look for; a pod's containers may
  // start more than one process.
  private static String ownName() {
    String host = Optional.ofNullable(System.getenv("HOSTNAME")).orElse("custos-controller");
    return host + "_" + UUID.randomUUID();
  }

  /** What probes hear as long as there is no controller yet, and what that says afterwards. */
  private static final class Waiting implements Health {
    private volatile String reason = "the API server has not answered yet";
    private volatile Health next;

    void waitsBecause(String why) {
      reason = why;
    }

    void over(Health then) {
      next = then;
    }

    @Override
    public List<String> notLiving() {
      Health now = next;
      return now == null ? List.of() : now.notLiving();
    }

    @Override
    public List<String> notReady() {
      Health now = next;
      return now == null ? List.of(reason) : now.notReady();
    }
  }
}
