package dev.custos.dist;

import static dev.custos.dist.GuardedProcess.opens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.example.custos.RotatingFileSinkProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An agent that guards what it needs itself: the JVM, its class loaders and the agent open guarded
 * files, and have to be answered by the very process that opens them.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OwnFilesIT {
  // On a slow disk on a busy machine.
  private static final Duration START = Duration.ofSeconds(75);

  @TempDir static Path shared;

  /** A distribution with one plugin more, a JDK, and a folder for state. */
  private static Path own;

  @TempDir Path temporary;
  private Path dir;
  private Path denied;
  private Path allowed;

  @BeforeAll
  static void copyWhatTheAgentRunsFrom() throws Exception {
    boolean root = "root".equals(System.getProperty("user.name"));
    Assumptions.assumeTrue(
        root || "true".equals(System.getenv("CI")),
        "guarding and mounting need the rights of root");
    own = Files.createDirectory(shared.toRealPath().resolve("own"));
    Files.createDirectory(own.resolve("state"));
    Path home = Files.createDirectory(own.resolve("custos"));
    for (String folder : List.of("bin", "lib", "plugins")) {
      ScratchMount.run("cp", "-a", Distribution.home().resolve(folder).toString(), home.toString());
    }
    Path sample =
        Path.of(
            RotatingFileSinkProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    Files.copy(sample, home.resolve("plugins/sample.jar"));
    ScratchMount.run(
        Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
        "--add-modules",
        "java.base,java.logging,java.management,java.naming,java.security.jgss,java.sql,java.xml,"
            + "java.net.http,jdk.httpserver,jdk.unsupported,jdk.crypto.ec",
        "--output",
        own.resolve("java").toString());
  }

  @BeforeEach
  void filesToGuard() throws IOException {
    dir = temporary.toRealPath();
    denied = Files.writeString(dir.resolve("denied"), "secret\n");
    allowed = Files.writeString(dir.resolve("allowed"), "page\n");
  }

  @ParameterizedTest
  @EnumSource(ScratchMount.Kind.class)
  void anAgentGoesOnThatRunsFromTheTreeThatItGuards(ScratchMount.Kind kind) throws Exception {
    try (ScratchMount mount = ScratchMount.of(kind, dir, own)) {
      Path home = mount.root().resolve("custos");
      Path manifest = manifest("recursive: true", mount.root());
      try (GuardedProcess guarded =
          start(home, mount.root().resolve("java"), home.resolve("plugins"), mount, manifest)) {
        assertThat(opens(home.resolve("plugins/sample.jar"))).as("its plugins").isFalse();
        assertThat(opens(mount.root().resolve("java/lib/modules"))).as("its JDK").isFalse();
        goesOnAndEnds(guarded, mount);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ScratchMount.Kind.class)
  void anAgentGoesOnThatGuardsTheWholeFileSystemOfItsPluginsAndState(ScratchMount.Kind kind)
      throws Exception {
    try (ScratchMount mount = ScratchMount.of(kind, dir, own)) {
      Path java = Path.of(System.getProperty("java.home"));
      Path plugins = mount.root().resolve("custos/plugins");
      Path manifest = manifest("wholeMount: true", mount.root());
      try (GuardedProcess guarded = start(Distribution.home(), java, plugins, mount, manifest)) {
        assertThat(opens(plugins.resolve("sample.jar"))).as("its plugins").isFalse();
        goesOnAndEnds(guarded, mount);
      }
    }
  }

  @Test
  void theWholeFileSystemThatTheAgentRunsFromIsRefused() throws Exception {
    try (ScratchMount mount = ScratchMount.of(ScratchMount.Kind.TMPFS, dir, own)) {
      Path home = mount.root().resolve("custos");
      Path manifest = manifest("wholeMount: true", mount.root());
      try (GuardedProcess guarded =
          start(home, mount.root().resolve("java"), home.resolve("plugins"), mount, manifest)) {
        guarded.awaitTold("is on the file system that the agent itself runs from");
        assertThat(opens(denied)).as("the other guard is in force").isFalse();
        assertThat(opens(home.resolve("plugins/sample.jar"))).isTrue();
      }
    }
  }

  /** The JVM opens these while every thread of the agent stands still, the guard's as well. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-Xlog:gc*:file=PLACE/logs/gc.log:time:filecount=3,filesize=1k",
        "-XX:+HeapDumpBeforeFullGC -XX:HeapDumpPath=PLACE/logs/dump.hprof",
        "-XX:HeapDumpPath=PLACE"
      })
  void aGuardOfWhereTheJvmWritesIsRefused(String options) throws Exception {
    Path place = Files.createDirectory(dir.resolve("place"));
    Files.createDirectory(dir.resolve("empty"));
    try (ScratchMount mount =
        ScratchMount.of(ScratchMount.Kind.TMPFS, place, dir.resolve("empty"))) {
      Path logs = Files.createDirectory(mount.root().resolve("logs"));
      Files.writeString(logs.resolve("other"), "log\n");
      Path manifest = manifest("wholeMount: true", mount.root());
      String set = options.replace("PLACE", mount.root().toString());
      List<String> command =
          List.of(Distribution.launcher().toString(), "run", "--quiet", "-f", "" + manifest);
      try (GuardedProcess guarded =
          GuardedProcess.start(Map.of("CUSTOS_JAVA_OPTS", set), command)) {
        guarded.awaitDenied(denied);
        guarded.awaitTold("is where the agent's own virtual machine writes");
        assertThat(opens(logs.resolve("other"))).isTrue();
        guarded.custos().signal("TERM");
        assertThat(guarded.custos().awaitExit())
            .as("exit status; stderr: %s", guarded.custos().err())
            .isEqualTo(143);
      }
    }
  }

  /** Whatever is asked of the agent is told as well, so that telling it asks for more. */
  private GuardedProcess start(
      Path home, Path java, Path plugins, ScratchMount mount, Path manifest) throws IOException {
    configure(plugins, mount, "");
    List<String> command = new ArrayList<>(List.of(home.resolve("bin/custos").toString(), "run"));
    command.addAll(List.of("-f", manifest.toString(), "-c", dir.resolve("custos.conf").toString()));
    GuardedProcess guarded = GuardedProcess.start(Map.of("JAVA_HOME", java.toString()), command);
    await("a guard; stderr: " + guarded.custos().err()).atMost(START).until(() -> !opens(denied));
    return guarded;
  }

  private void configure(Path plugins, ScratchMount mount, String sinks) throws IOException {
    Files.writeString(
        dir.resolve("custos.conf"),
        """
        custos {
          guard.deadline = 20s
          metrics.address = off
          plugins.directory = "%s"
          state.directory = "%s/state"
          sinks.lines { type = stdout, queue.spool = 4MiB }
          %s
        }
        """
            .formatted(plugins, mount.root(), sinks));
  }

  /** Loads a class of a guarded jar, writes a guarded spool, answers others, and ends. */
  private void goesOnAndEnds(GuardedProcess guarded, ScratchMount mount) throws Exception {
    // Which plugins folder it was stands in the file.
    String conf = Files.readString(dir.resolve("custos.conf"));
    Path late = dir.resolve("late.log");
    String sink =
        "sinks.late { type = rotating-file, path = \"" + late + "\", queue.spool = 1MiB }";
    Files.writeString(dir.resolve("custos.conf"), conf.replaceFirst("\n}\n$", sink + "\n}\n"));
    guarded.custos().signal("HUP");
    guarded.awaitTold("configuration read again: added late");
    GuardedProcess.answerMany(allowed, denied);
    await("a record by the plugin that was loaded late")
        .atMost(CustosProcess.DEADLINE)
        .until(() -> Files.exists(late) && Files.readString(late).contains("DENY"));

    guarded.custos().signal("TERM");

    assertThat(guarded.custos().awaitExit())
        .as("exit status; stderr: %s", guarded.custos().err())
        .isEqualTo(143);
    assertThat(guarded.custos().err()).noneMatch(line -> line.contains("started again"));
    assertThat(mount.root().resolve("state/spool/late")).isNotEmptyDirectory();
    // Each of them would take another read to be told of.
    assertThat(guarded.custos().out())
        .noneMatch(line -> line.contains("ACCESS_PERM") && line.contains("/state/spool/"));
  }

  private Path manifest(String how, Path tree) throws IOException {
    String plain = GuardedProcess.manifest(List.of(denied), List.of(allowed));
    return Files.writeString(
        dir.resolve("guard.yaml"),
        plain.replace("{allow} {path}", "{allow} {event} {path}")
            + """
                - deny: ["%s"]
                  %s
                  events: [all, execute]
            """
                .formatted(tree, how));
  }
}
