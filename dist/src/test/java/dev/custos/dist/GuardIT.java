package dev.custos.dist;

import static dev.custos.dist.CustosProcess.custos;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code custos guard} and guards in manifests, as processes of their own. */
class GuardIT {
  private static final String FORMAT = "{response} {event} {path} ({rule})";

  @TempDir Path dir;
  private Path secret;
  private Path open;

  @BeforeEach
  void prepare() throws IOException {
    boolean root = "root".equals(System.getProperty("user.name"));
    if (!"true".equals(System.getenv("CI"))) {
      Assumptions.assumeTrue(root, "guarding needs root");
    }
    secret = Files.writeString(dir.resolve("secret"), "a secret\n");
    open = Files.writeString(Files.createDirectory(dir.resolve("open")).resolve("file"), "text\n");
  }

  /** What a command printed, its errors too. */
  private record Ran(int exit, String text) {}

  private static Ran run(String... command) throws IOException, InterruptedException {
    List<String> bounded = new ArrayList<>(List.of("timeout", "30"));
    bounded.addAll(List.of(command));
    Process process = new ProcessBuilder(bounded).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), text);
  }

  private static Ran cat(Path file) throws IOException, InterruptedException {
    return run("cat", file.toString());
  }

  private CustosProcess guard(String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("guard", "--format", FORMAT));
    arguments.addAll(List.of(options));
    return custos(arguments.toArray(new String[0]));
  }

  /** More than the heap has room for that the launcher gives where it counts none. */
  @Test
  void thousandsOfPathsOnACommandLineAreGuarded() throws Exception {
    Path many = Files.createDirectory(secret.resolveSibling("many"));
    List<String> options = new ArrayList<>(List.of("--deny", secret.toString()));
    for (int i = 0; i < 8000; i++) {
      options.add("--deny=" + Files.createFile(many.resolve("file" + i)));
    }
    try (CustosProcess custos = guard(options.toArray(new String[0]))) {
      custos.awaitReady();
      assertThat(custos.err()).last().isEqualTo("ready: guarding 8001 paths");
      assertThat(cat(many.resolve("file7999")).exit()).isEqualTo(1);
      assertThat(cat(secret).exit()).isEqualTo(1);
    }
  }

  @Test
  void aDeniedFileCannotBeOpenedAndThatIsPrinted() throws Exception {
    try (CustosProcess custos =
        guard("--deny", secret.toString(), "--allow", open.getParent().toString())) {
      custos.awaitReady();
      Ran denied = cat(secret);
      assertThat(denied.exit()).isEqualTo(1);
      assertThat(denied.text()).contains("Operation not permitted");
      assertThat(cat(open)).isEqualTo(new Ran(0, "text\n"));
      custos.awaitLine("DENY OPEN_PERM " + secret + " (deny " + secret + ")");
      custos.awaitLine("ALLOW ACCESS_PERM " + open + " (allow " + open.getParent() + ")");

      // On a busy machine it says that it is still starting, too.
      assertThat(custos.err())
          .filteredOn(line -> !line.startsWith("starting: "))
          .containsExactly("ready: guarding 2 paths");
    }
  }

  @Test
  void anInterruptLeavesEveryFileOpenToAll() throws Exception {
    try (CustosProcess custos = guard("--deny", secret.toString()).awaitReady()) {
      assertThat(cat(secret).exit()).isEqualTo(1);
      custos.signal("INT");

      assertThat(custos.awaitExit()).isEqualTo(130);
      assertThat(cat(secret)).isEqualTo(new Ran(0, "a secret\n"));
      assertThat(custos.out())
          .containsExactly("DENY OPEN_PERM " + secret + " (deny " + secret + ")");
    }
  }

  @Test
  void anObserverLetsEverythingPassAndSaysWhatItWouldHaveDenied() throws Exception {
    try (CustosProcess custos =
        guard(
            "--deny",
            secret.toString(),
            "--allow",
            open.toString(),
            "--events",
            "open",
            "--observe",
            "--report",
            "denied",
            "--count",
            "1")) {
      custos.awaitReady();
      assertThat(cat(open).exit()).isZero();
      assertThat(cat(secret)).isEqualTo(new Ran(0, "a secret\n"));

      assertThat(custos.awaitExit()).isZero();
      assertThat(custos.out())
          .containsExactly("WOULD_DENY OPEN_PERM " + secret + " (deny " + secret + ")");
    }
  }

  @Test
  void aDeniedExecutionIsADeniedExecution() throws Exception {
    Path program = dir.resolve("program");
    Files.copy(Path.of("/bin/true").toRealPath(), program);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    try (CustosProcess custos = guard("--deny", program.toString(), "--events", "execute")) {
      custos.awaitReady();
      assertThat(run(program.toString()).exit()).isNotZero();
      assertThat(cat(program).exit()).as("reading is another thing").isZero();
      custos.awaitLine("DENY OPEN_EXEC_PERM " + program + " (deny " + program + ")");
    }
  }

  @Test
  void onlyTheProgramThatIsMeantIsDenied() throws Exception {
    Path cat = Path.of("/bin/cat").toRealPath();
    Path head = Path.of("/usr/bin/head").toRealPath();
    Assumptions.assumeFalse(cat.equals(head), "one program is both here");
    try (CustosProcess custos =
        custos(
            "guard",
            "--deny",
            secret.toString(),
            "--executable",
            cat.toString(),
            "--format",
            "{response} {command} {executable} {uid}",
            "--count",
            "1")) {
      custos.awaitReady();
      assertThat(run(head.toString(), secret.toString())).isEqualTo(new Ran(0, "a secret\n"));
      assertThat(cat(secret).exit()).isEqualTo(1);

      assertThat(custos.awaitExit()).isZero();
      assertThat(custos.out()).containsExactly("DENY cat " + cat + " 0");
    }
  }

  @Test
  void aManifestOfTheReferenceWorksAsItIsWritten() throws Exception {
    Path manifest =
        Files.writeString(
            dir.resolve("guard.yaml"),
            """
            apiVersion: januscontroller.clustergarage.io/v1alpha1
            kind: JanusGuard
            metadata:
              name: myapp-jg
            spec:
              selector:
                matchLabels:
                  run: myapp
              logFormat: "{pod} {allow} {event} {ftype} '{path}' {tags}"
              subjects:
              - allow:
                - %s
                deny:
                - %s
                events:
                - all
                - modify
                autoAllowOwner: true
                tags:
                  foo: bar
            """
                .formatted(open.getParent(), secret));
    try (CustosProcess custos = custos("run", "-f", manifest.toString())) {
      custos.awaitReady();
      assertThat(cat(secret).exit()).isEqualTo(1);
      assertThat(cat(open).exit()).isZero();
      String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      custos.awaitLine(host + " DENY OPEN_PERM file '" + secret + "' foo=bar");
      custos.awaitLine(host + " ALLOW ACCESS_PERM file '" + open + "' foo=bar");

      assertThat(custos.err()).anyMatch(line -> line.contains("modify"));
    }
  }

  @Test
  void jsonTellsDecisionRuleAndProcess() throws Exception {
    try (CustosProcess custos =
        custos("guard", "--deny", secret.toString(), "--json", "--count", "1").awaitReady()) {
      cat(secret);
      assertThat(custos.awaitExit()).isZero();

      // JSON is YAML 1.2, for which a reader is on the class path.
      Load json = new Load(LoadSettings.builder().build());
      Map<?, ?> event = (Map<?, ?>) json.loadFromString(custos.out().get(0));
      Map<?, ?> own = (Map<?, ?>) event.get("custos");
      assertThat((Object) own.get("decision"))
          .isEqualTo(Map.of("response", "deny", "rule", "deny " + secret));
      Map<?, ?> process = (Map<?, ?>) event.get("process");
      assertThat((Object) process.get("name")).isEqualTo("cat");
      assertThat(process.containsKey("pid")).isTrue();
      assertThat(process.containsKey("executable")).isTrue();
    }
  }

  @Test
  void aPathThatIsNotThereYetIsSaidAndGuardedOnceItIs() throws Exception {
    Path later = dir.resolve("later");
    try (CustosProcess custos = guard("--deny", later.toString(), secret.toString())) {
      custos.awaitReady();
      assertThat(custos.err()).anyMatch(line -> line.startsWith("custos: " + later + ": pending"));
      Files.move(Files.writeString(dir.resolve("new"), "x"), later);

      assertThat(cat(later).exit()).isEqualTo(1);
      custos.awaitLine("DENY OPEN_PERM " + later + " (deny " + later + ")");
    }
  }

  @Test
  void whoHasNotTheRightToGuardIsToldWhatItTakes() throws Exception {
    String nobody = "setpriv --reuid 65534 --clear-groups --no-new-privs ";
    String launcher = Distribution.launcher().toString();
    // The build's folders need not be anybody's to read.
    Ran readable = run("sh", "-c", nobody + "test -r " + launcher);
    Assumptions.assumeTrue(readable.exit() == 0, "other users can't read the distribution here");
    List<String> command =
        List.of("sh", "-c", "exec " + nobody + launcher + " guard --deny " + secret);
    try (CustosProcess custos = CustosProcess.start(Map.of(), command)) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.err()).anyMatch(line -> line.contains("CAP_SYS_ADMIN"));
      assertThat(custos.out()).isEmpty();
    }
  }
}
