package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.GuardedProcess.opens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of guarded files when the agent stops, crashes or is killed. */
@Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchdogIT {
  @TempDir Path temporary;
  private Path denied;
  private Path manifest;

  @BeforeEach
  void aFileToGuard() throws IOException {
    Path dir = temporary.toRealPath();
    denied = Files.writeString(dir.resolve("denied"), "secret\n");
    manifest =
        Files.writeString(
            dir.resolve("guard.yaml"), GuardedProcess.manifest(List.of(denied), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"STOP", "KILL", "SEGV"})
  void anAgentThatNoLongerAnswersIsStartedAgainAndTellsTheTimeBetween(String signal)
      throws Exception {
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, null)) {
      guarded.awaitDenied(denied);
      long before = guarded.agent(-1);

      guarded.signalAgent(signal);

      // With a stopped agent it waits for the agent's end; in any case there is an answer.
      opens(denied);
      guarded.awaitTold("was started again");
      assertThat(guarded.agent(before)).isNotEqualTo(before);
      guarded.awaitDenied(denied);
      guarded.awaitTold("reason=unguarded");
      assertThat(guarded.custos().out())
          .filteredOn(line -> line.contains("reason=unguarded"))
          .singleElement()
          .satisfies(line -> assertThat(line).contains(denied.toString(), "from=", "to="));
      guarded.custos().signal("TERM");
      assertThat(guarded.custos().awaitExit()).isEqualTo(143);
    }
  }

  /** A JVM that acts as told stands for one that runs out of memory. */
  @Test
  void anAgentOutOfMemoryIsStartedAgain() throws Exception {
    Map<String, String> environment =
        java(
            """
            case " $* " in *' -XX:+ExitOnOutOfMemoryError '*) ;; *) exit 9 ;; esac
            if [ -n "${CUSTOS_RESTART_REASON:-}" ]; then
              echo "since $CUSTOS_RESTART_SINCE it $CUSTOS_RESTART_REASON"
              exit 0
            fi
            printf 'deadline 60000\\nplan 0123\\n.\\n' >&"$CUSTOS_WATCHDOG_FD"
            exit 3
            """);
    try (GuardedProcess guarded = GuardedProcess.run(environment, manifest, null)) {
      assertThat(guarded.custos().awaitExit()).isZero();
      assertThat(guarded.custos().out())
          .singleElement()
          .asString()
          .matches("since [0-9]{16} it ran out of memory");
    }
  }

  @Test
  void anAgentThatFailsThreeTimesWithoutAPlanIsGivenUp() throws Exception {
    Map<String, String> environment =
        java(
            """
            printf 'deadline 60000\\n.\\n' >&"$CUSTOS_WATCHDOG_FD"
            echo run
            exit 3
            """);
    try (GuardedProcess guarded = GuardedProcess.run(environment, manifest, null)) {
      assertThat(guarded.custos().awaitExit()).isEqualTo(2);
      assertThat(guarded.custos().out()).containsExactly("run", "run", "run");
      assertThat(guarded.custos().err())
          .containsExactly(
              "custos: the agent ran out of memory, 3 times within 10 minutes, and is not started"
                  + " again",
              "custos: the agent ran out of memory: CUSTOS_HEAP is 32m; set it to more");
    }
  }

  /** Nothing stands for the JVM here: it is its heap that is full, and its own end. */
  @Test
  void anAgentThatRunsOutOfMemoryBeforeItGuardsEndsWithTheWayOut() throws Exception {
    Path paths = denied.resolveSibling("large.yaml");
    StringBuilder text = new StringBuilder(Files.readString(manifest));
    text.append("    - events: [open]\n      deny:\n");
    for (int i = 0; i < 45_000; i++) {
      text.append("        - /nowhere/")
          .append(String.valueOf(100_000 + i).repeat(10))
          .append('\n');
    }
    Files.writeString(paths, text);
    try (GuardedProcess guarded = GuardedProcess.run(Map.of("CUSTOS_HEAP", "16m"), paths, null)) {
      assertThat(guarded.custos().awaitExit()).isEqualTo(2);
      assertThat(guarded.custos().err())
          .last()
          .isEqualTo("custos: the agent ran out of memory: CUSTOS_HEAP is 16m; set it to more");
    }
  }

  @Test
  void morePathsThanTheHeapHoldsAreRefusedWithTheWayOut() throws Exception {
    Path paths = denied.resolveSibling("paths.yaml");
    StringBuilder text = new StringBuilder(Files.readString(manifest));
    text.append("    - events: [open]\n      deny:\n");
    for (int i = 0; i < 30_000; i++) {
      text.append("        - /nowhere/").append(i).append('\n');
    }
    Files.writeString(paths, text);
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), paths, null)) {
      assertThat(guarded.custos().awaitExit()).isEqualTo(1);
      assertThat(guarded.custos().err())
          .singleElement()
          .asString()
          .contains("these 30001 need some ")
          .contains("set CUSTOS_HEAP to ");
    }
  }

  /** An environment in which a script stands for the JVM. */
  private Map<String, String> java(String script) throws IOException {
    Path java = denied.resolveSibling("bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, "#!/bin/bash\n" + script);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return Map.of("JAVA_HOME", java.getParent().getParent().toString());
  }

  @Test
  void aPlanThatWasInForceAtThreeDeathsIsQuarantined() throws Exception {
    Path watched = Files.createDirectory(denied.resolveSibling("watched"));
    String watcher =
        """
        ---
        apiVersion: arguscontroller.clustergarage.io/v1alpha1
        kind: ArgusWatcher
        metadata: {name: w, namespace: default}
        spec:
          logFormat: "{event} {file}"
          subjects:
            - paths: ["%s"]
              events: [create]
        """
            .formatted(watched);
    Files.writeString(manifest, Files.readString(manifest) + watcher);
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, null)) {
      long agent = -1;
      for (int i = 0; i < 3; i++) {
        agent = guarded.agent(agent);
        guarded.awaitDenied(denied);
        guarded.signalAgent("KILL");
      }
      guarded.awaitTold("quarantined");
      assertThat(opens(denied)).isTrue();
      await("the watcher goes on")
          .atMost(DEADLINE)
          .until(
              () -> {
                Files.deleteIfExists(watched.resolve("file"));
                Files.createFile(watched.resolve("file"));
                return guarded.custos().out().contains("CREATE file");
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void theLauncherPassesOnWhatItIsAskedToDo(String signal, int status) throws Exception {
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, null)) {
      guarded.awaitDenied(denied);
      ProcessHandle agent = ProcessHandle.of(guarded.agent(-1)).orElseThrow();
      guarded.custos().signal(signal);
      assertThat(guarded.custos().awaitExit())
          .as("exit status; stderr: %s", guarded.custos().err())
          .isEqualTo(status);
      assertThat(agent.isAlive()).isFalse();
      assertThat(opens(denied)).isTrue();
    }
  }

  /** At whatever moment it comes: the shell that starts all, the JVM, the guard, twice. */
  @ParameterizedTest
  @CsvSource({
    "INT, 130, launcher", "TERM, 143, launcher", "HUP, 129, launcher",
    "INT, 130, jvm", "TERM, 143, jvm", "HUP, 129, jvm",
    "INT, 130, twice", "TERM, 143, twice", "HUP, 129, twice"
  })
  void theStatusTellsWhatItWasAskedToDo(String signal, int status, String moment) throws Exception {
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, null)) {
      switch (moment) {
        case "launcher" -> guarded.awaitLauncher();
        case "jvm" -> guarded.agent(-1);
        default -> {
          guarded.awaitDenied(denied);
          guarded.custos().signal(signal);
        }
      }
      guarded.custos().signal(signal);
      assertThat(guarded.custos().awaitExit())
          .as("exit status; stderr: %s", guarded.custos().err())
          .isEqualTo(status);
      assertThat(opens(denied)).isTrue();
    }
  }

  @Test
  void aHangUpReachesTheAgentOnceItHearsIt() throws Exception {
    Path go = denied.resolveSibling("go");
    Map<String, String> environment =
        java(
            """
            trap 'echo hangup; exit 129' HUP
            echo started
            while [ ! -e '%s' ]; do sleep 0.02; done
            echo hears
            echo 'hears HUP' >&"$CUSTOS_WATCHDOG_FD"
            while :; do sleep 0.02; done
            """
                .formatted(go));
    try (GuardedProcess guarded = GuardedProcess.run(environment, manifest, null)) {
      guarded.custos().awaitLine("started");
      guarded.custos().signal("HUP");
      Files.createFile(go);
      assertThat(guarded.custos().awaitExit()).isEqualTo(129);
      assertThat(guarded.custos().out()).containsExactly("started", "hears", "hangup");
    }
  }

  @Test
  void anAgentWhoseLauncherIsGoneEnds() throws Exception {
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, null)) {
      guarded.awaitDenied(denied);
      ProcessHandle agent = ProcessHandle.of(guarded.agent(-1)).orElseThrow();
      guarded.custos().signal("KILL");
      await("the agent's end").atMost(DEADLINE).until(() -> !agent.isAlive());
      assertThat(opens(denied)).isTrue();
    }
  }

  @Test
  void manifestsFromStandardInputAreThereForEachRun() throws Exception {
    String command = "exec '" + Distribution.launcher() + "' run -f - < '" + manifest + "'";
    try (GuardedProcess guarded =
        GuardedProcess.start(Map.of(), List.of("/bin/sh", "-c", command))) {
      guarded.awaitDenied(denied);
      long before = guarded.agent(-1);
      guarded.signalAgent("KILL");
      guarded.agent(before);
      guarded.awaitDenied(denied);
    }
  }

  @Test
  void systemdHearsThatTheAgentIsReadyAndAlive() throws Exception {
    Path socket = denied.resolveSibling("notify");
    // perl is essential in Debian; the JDK has no datagram sockets in the Unix domain.
    String server =
        """
        use Socket; $| = 1;
        socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die;
        while (defined recv(S, $m, 4096, 0)) { print "$m\\n"; }
        """;
    try (CustosProcess systemd =
        CustosProcess.start(Map.of(), List.of("perl", "-e", server, socket.toString()))) {
      await("the socket").atMost(DEADLINE).until(() -> Files.exists(socket));
      Map<String, String> environment =
          Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "400000");
      try (GuardedProcess guarded = GuardedProcess.run(environment, manifest, null)) {
        systemd.awaitLine("READY=1");
        await("signs of life")
            .atMost(DEADLINE)
            .until(() -> systemd.out().stream().filter("WATCHDOG=1"::equals).count() >= 3);
        guarded.custos().signal("TERM");
        assertThat(guarded.custos().awaitExit()).isEqualTo(143);
        systemd.awaitLine("STOPPING=1");
      }
    }
  }
}
