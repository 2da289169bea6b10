package dev.custos.dist;

import static dev.custos.dist.SnapshotAgent.GUARD;
import static dev.custos.dist.SnapshotAgent.WATCHER;
import static dev.custos.dist.SnapshotAgent.awaitLine;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of record says which container of which pod on which node it is about, in JSON on
 * stdout and as a real syslog server has it; and those of the agent's own name none.
 */
class RecordFieldsIT {
  private static final Map<String, String> LABELS =
      Map.of("app", "web", "app.kubernetes.io/part-of", "shop");
  private static final Path QUEUE = Path.of("/proc/sys/fs/inotify/max_queued_events");
  private static final Pattern PARAMETER = Pattern.compile(" (\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private ContainerdRuntime runtime;
  @TempDir Path dir;

  @BeforeEach
  void start() throws Exception {
    runtime = ContainerdRuntime.start();
  }

  @AfterEach
  void stop() {
    if (runtime != null) {
      runtime.close();
    }
  }

  @Test
  void everyRecordNamesItsContainerAndThoseOfTheAgentNone() throws Exception {
    RunningContainer web = runtime.container().run();
    RunningContainer other = runtime.container().run();
    web.sh("echo secret >/data/secret");
    NodeSnapshot snapshot =
        SnapshotAgent.snapshot(
            WATCHER.formatted("/data") + "---\n" + GUARD.formatted("/data/secret"),
            List.of(
                SnapshotAgent.pod("web-0", LABELS, web),
                SnapshotAgent.pod("web-1", Map.of("app", "web"), other)));
    List<String> lines = new ArrayList<>();
    try (RsyslogEndpoint rsyslog =
        new RsyslogEndpoint(dir.resolve("rsyslog"), new SplittableRandom())) {
      try (CustosProcess custos = agent(snapshot, rsyslog)) {
        custos.awaitReady();
        web.sh("touch /data/file; cat /data/secret");
        awaitLine(custos, "a change", line -> line.contains("\"create\""));
        awaitLine(custos, "a decision", line -> line.contains("\"open_perm\""));
        other.sh("touch /data/file");
        awaitLine(custos, "of the other pod", line -> line.contains("\"web-1\""));
        overflow(new HeldProcess(custos.jvm()), web.file("/data"));
        awaitLine(custos, "an overflow", line -> line.contains("kernel-queue-overflow"));
        web.kill();
        web.startAgain();
        awaitLine(custos, "a restart", line -> line.contains("\"container-restarted\""));
        awaitLine(custos, "a gap of a guard", line -> line.contains("\"unguarded\""));
        custos.killAll();
        lines.addAll(custos.out());
      }
      try (CustosProcess custos = agent(snapshot, rsyslog)) {
        awaitLine(custos, "the agent's end", line -> line.contains("\"agent-down\""));
        custos.awaitReady();
        other.sh("touch /data/last");
        web.sh("touch /data/last");
        await("the last record in syslog")
            .atMost(CustosProcess.DEADLINE)
            .until(
                () -> Files.readString(rsyslog.file()).contains("CREATE /data/last shop/web-0/"));
        awaitLine(custos, "the other pod's", line -> line.contains("/data/last"));
        awaitLine(custos, "the agent's own", line -> line.contains("\"sink-failed\""));
        lines.addAll(custos.out());
      }
      assertJson(lines, web, other);
      assertSyslog(Files.readAllLines(rsyslog.file(), StandardCharsets.ISO_8859_1));
    }
  }

  private CustosProcess agent(NodeSnapshot snapshot, RsyslogEndpoint rsyslog) throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("custos.conf"),
            """
            custos.guard.deadline = 2m
            custos.sinks {
              console { type = stdout, format = json }
              # Nobody listens there, which is told everywhere else.
              gone { type = http, url = "http://127.0.0.1:1/", retry.give-up = 1s }
              siem { %s, queue.spool = 4MiB, match.labels { "app.kubernetes.io/part-of" = shop } }
            }
            """
                .formatted(rsyslog.settings()));
    return SnapshotAgent.start(dir.resolve("state"), snapshot, "-c", config.toString());
  }

  /**
   * Renames a file more often than the kernel keeps in mind for an agent that does not read. It
   * needs to hear of renames for its own sake, and tells nobody.
   */
  private static void overflow(HeldProcess agent, Path folder) throws IOException {
    // Not readString: a setting is to be had in one read only, and that one's first is for a byte.
    int queue = Integer.parseInt(Files.readAllLines(QUEUE).get(0));
    Path[] names = {folder.resolve("0"), folder.resolve("1")};
    Files.createFile(names[0]);
    agent.stop();
    try {
      for (int i = 0; i <= queue / 2; i++) {
        Files.move(names[i % 2], names[(i + 1) % 2]);
      }
    } finally {
      agent.goOn();
    }
  }

  private static void assertJson(List<String> lines, RunningContainer web, RunningContainer other) {
    Set<String> told = new TreeSet<>();
    for (String line : lines) {
      Config record = ConfigFactory.parseString(line);
      assertThat(record.getString("host.name")).as(line).isEqualTo("node-1");
      if (record.getString("custos.subject.kind").equals("Agent")) {
        assertThat(record.root())
            .as(line)
            .doesNotContainKeys("orchestrator", "container", "labels");
        told.add("agent: " + what(record));
        continue;
      }
      String pod = record.getString("orchestrator.resource.name");
      boolean isWeb = pod.equals("web-0");
      assertThat(record.getConfig("orchestrator"))
          .as(line)
          .isEqualTo(
              ConfigFactory.parseString(
                  "type = kubernetes, namespace = shop, resource { type = pod, name = "
                      + pod
                      + "}"));
      assertThat(record.getConfig("container").root().unwrapped())
          .as(line)
          .isEqualTo(
              Map.of(
                  "name", "main",
                  "id", (isWeb ? web : other).id(),
                  "runtime", "containerd"));
      assertThat(record.getConfig("labels").root().unwrapped())
          .as(line)
          .isEqualTo(
              isWeb
                  ? Map.of("app", "web", "app_kubernetes_io/part-of", "shop")
                  : Map.of("app", "web"));
      told.add(pod + ": " + what(record));
    }
    assertThat(told)
        .contains(
            "agent: sink-failed",
            "web-0: create",
            "web-0: open_perm",
            "web-0: kernel-queue-overflow",
            "web-0: container-restarted",
            "web-0: unguarded",
            "web-0: agent-down",
            "web-1: create",
            "web-1: agent-down");
  }

  private static String what(Config record) {
    String reason = "custos.lost.reason";
    return record.getString(record.hasPath(reason) ? reason : "event.action");
  }

  /** Of the pod that lacks the label which this sink matches there are losses alone. */
  private static void assertSyslog(List<String> lines) {
    Set<String> told = new TreeSet<>();
    for (String line : lines) {
      Map<String, Set<String>> data = data(line);
      assertThat(data.get("node")).as(line).containsExactly("node-1");
      String what = data.getOrDefault("reason", data.get("action")).iterator().next();
      if (data.get("kind").contains("Agent")) {
        assertThat(data).as(line).doesNotContainKeys("podNamespace", "pod", "container", "label");
        told.add("agent: " + what);
        continue;
      }
      String pod = data.get("pod").iterator().next();
      assertThat(data.get("podNamespace")).as(line).containsExactly("shop");
      assertThat(data.get("container")).as(line).containsExactly("main");
      assertThat(data.get("label"))
          .as(line)
          .isEqualTo(
              pod.equals("web-0")
                  ? Set.of("app=web", "app.kubernetes.io/part-of=shop")
                  : Set.of("app=web"));
      told.add(pod + ": " + what);
    }
    assertThat(told)
        .contains(
            "agent: agent-down",
            "web-0: create",
            "web-0: open_perm",
            "web-0: kernel-queue-overflow",
            "web-0: container-restarted",
            "web-0: unguarded",
            "web-0: agent-down",
            "web-1: agent-down")
        .doesNotContain("web-1: create");
  }

  /** The parameters of a message's structured data; some may come several times. */
  private static Map<String, Set<String>> data(String line) {
    int start = line.indexOf(" [custos@32473 ");
    assertThat(start).as(line).isPositive();
    Map<String, Set<String>> data = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(line.substring(start, line.indexOf("\"] ", start) + 1));
    while (parameter.find()) {
      data.computeIfAbsent(parameter.group(1), key -> new TreeSet<>()).add(parameter.group(2));
    }
    return data;
  }
}
