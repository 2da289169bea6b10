package dev.custos.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private static final String MANIFEST =
      """
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata:
        name: web
      spec:
        selector:
          matchLabels: {app: web}
        logFormat: "{event} {path}{sep}{file} {tags}"
        subjects:
        - paths: [/data]
          events: [modify]
          tags: {env: prod}
      """;

  @TempDir static Path shared;
  @TempDir Path temp;

  private static FakeHome custos;

  @BeforeAll
  static void unpack() {
    custos = new FakeHome(shared);
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(temp.resolve(name), text).toString();
  }

  // ---- watch

  @Test
  void watchPrintsEventsAndEndsAfterTheirCount() {
    int exit = custos.run("watch", "--count", "3", "--tag", "a=b", "/data");
    assertThat(custos.err()).isEqualTo("ready: watching 1 directories\n");
    assertThat(exit).isZero();
    assertThat(custos.lines).hasSize(3);
    assertThat(custos.lines.get(0)).matches("text MODIFY file '/data/f1' \\(.+:.+\\) a=b");
    assertThat(custos.out()).isEmpty();
  }

  @Test
  void watchEndsAfterItsTimeWithEverythingPrinted() {
    assertThat(custos.run("watch", "--for", "1ms", "--format", "{file}", "/data")).isZero();
    assertThat(custos.lines).containsExactly("text f1", "text f2", "text f3", "text f4", "text f5");
  }

  @Test
  void jsonIsTheSinksFormat() {
    assertThat(custos.run("watch", "--json", "--count", "1", "/data")).isZero();
    assertThat(custos.lines).singleElement().asString().startsWith("json ");
  }

  @Test
  void relativePathsBelongToTheWorkingDirectory() {
    assertThat(custos.run("watch", "--count", "2", "--format", "{path}", "./a//b/.", ".")).isZero();
    assertThat(custos.lines).containsOnly("text " + shared + "/a/b");
  }

  @Test
  void aPathThatIsNotWatchedYetIsSaidAndTheRestGoesOn() {
    assertThat(custos.run("watch", "--for", "1ms", "/pending/x", "/failed", "/data")).isZero();
    assertThat(custos.err())
        .contains("custos: /pending/x: pending: not there yet\n")
        .contains("custos: /failed: failed: ENOSPC\n")
        .endsWith("ready: watching 1 directories\n");
  }

  @Test
  void nothingButFailedPathsIsAnError() {
    assertThat(custos.run("watch", "--for", "1h", "/failed")).isEqualTo(2);
    assertThat(custos.err())
        .contains("custos: /failed: failed: ENOSPC\n")
        .contains("nothing can be watched")
        .doesNotContain("ready:");
  }

  @Test
  void onlyPendingPathsAreWaitedFor() {
    assertThat(custos.run("watch", "--for", "1ms", "/pending")).isZero();
    assertThat(custos.err()).contains("ready: watching 0 directories\n");
  }

  @Test
  void quietLeavesOnlyWhatIsWrong() {
    assertThat(custos.run("watch", "--quiet", "--for", "1ms", "/data", "/failed")).isZero();
    assertThat(custos.err()).isEqualTo("custos: /failed: failed: ENOSPC\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "watch                              | Missing required parameter: 'PATH'",
        "watch --evnts all /d               | Unknown option",
        "watch --events modfy /d            | \"modfy\" is not an event; did you mean \"modify\"?",
        "watch --events open,,access /d     | \"\" is not an event",
        "watch --count 0 /d                 | --count: \"0\" is not a whole number of at least 1",
        "watch --count many /d              | --count: \"many\" is not a whole number",
        "watch --max-depth -1 /d            | --max-depth: \"-1\" is not a whole number",
        "watch --for 10 /d                  | --for: \"10\" is not a duration such as 500ms",
        "watch --for s /d                   | --for: \"s\" is not a duration",
        "watch --tag novalue /d             | --tag: \"novalue\" is not of the form key=value",
        "watch --format {evnt} /d           | column 2: \"evnt\" is not a specifier",
        "watch -c none.conf /d              | none.conf: there is no such file",
        "run                                | run needs manifests",
        "run -f none.yaml                   | nothing was started",
        "agent                              | agent needs a controller: --controller HOST:PORT",
        "agent --controller h:1             | agent needs --ca FILE, to know the controller by, and",
        "agent --controller h:1 --ca f      | agent needs --token FILE, to be known by it; or --insec",
        "agent --controller h:1 --token f   | agent needs --ca FILE, to know the controller by; or",
        "agent --controller h:1 --insecure --ca f | plain text, which has no use for --ca",
        "agent --controller h:1 --ca f --token f --server-name a/b | \"a/b\" is not a DNS name",
        "agent --controller h --insecure    | \"h\" is not of the form HOST:PORT",
        "agent --controller h:0 --insecure  | \"h:0\" is not of the form HOST:PORT",
        "agent --controller ::1:9 --insecure | \"::1:9\" is not of the form HOST:PORT",
        "agent --controller h:1 --insecure --node A_b | \"A_b\" can't be a node's name",
        "validate                           | Missing required parameter",
        "format                             | Missing required parameter",
        "frobnicate                         | Unmatched argument",
        "plugins frobnicate                 | Unmatched argument",
      })
  void wrongInputIsOneLineAndExitCodeOne(String command, String message) {
    assertThat(custos.run(command.trim().split(" "))).isEqualTo(1);
    assertThat(custos.err()).contains(message).doesNotContain("\tat ").doesNotContain("Exception");
    assertThat(custos.out()).isEmpty();
  }

  @Test
  void eventNamesMayBeWrittenAsTheyArePrinted() {
    assertThat(custos.run("watch", "--events", "MODIFY, close_write", "--count", "1", "/data"))
        .isZero();
  }

  @Test
  void aNameThatIsNoUtf8IsRefusedRatherThanMistaken() {
    assertThat(custos.run("watch", "/a\ufffd")).isEqualTo(1);
    assertThat(custos.err()).contains("is not valid UTF-8");
  }

  @Test
  void aClosedPipeEndsQuietly() throws IOException {
    String conf = write("c.conf", "custos.sinks.out { type = stdout, format = broken-pipe }");
    assertThat(custos.run("watch", "-c", conf, "/data")).isZero();
    assertThat(custos.err()).doesNotContain("fail").doesNotContain("gone");
  }

  @Test
  void aSinkThatIsBrokenForGoodEndsWithTwo() throws IOException {
    String conf = write("c.conf", "custos.sinks.out { type = stdout, format = broken }");
    assertThat(custos.run("watch", "-c", conf, "/data")).isEqualTo(2);
    assertThat(custos.err()).contains("sink out failed for good: no such device");
  }

  @Test
  void aBackendThatCanNotBeOpenedEndsWithTwoAndItsReason() throws IOException {
    String conf = write("c.conf", "custos.backends.inotify.refuse = EMFILE");
    assertThat(custos.run("watch", "-c", conf, "/data")).isEqualTo(2);
    assertThat(custos.err()).contains("inotify can't be opened: EMFILE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "custos.plugins.required = [magic]       | custos.plugins.required names magic",
        "custos.plugins.directory = /nowhere     | there is no plugins folder /nowhere",
      })
  void whatIsConfiguredButMissingStopsTheStart(String conf, String message) throws IOException {
    assertThat(custos.run("watch", "-c", write("c.conf", conf), "/data")).isEqualTo(2);
    assertThat(custos.err()).contains(message).doesNotContain("ready:");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "custos.sinks.a.type = stdot             | custos.sinks.a.type is \"stdot\", which no plugin",
        "custos.sinks.a.type = stdot             | provides; did you mean \"stdout\"?",
        "custos.watch.backend = inotfy           | custos.watch.backend is \"inotfy\", which no plugin",
        "custos.guard.backend = magic            | custos.guard.backend is \"magic\", which no plugin",
        "custos.backends.magic { }               | custos.backends.magic is for a backend, which no",
        "custos.backends.inotify = 5             | custos.backends.inotify is a section, not a value",
      })
  void whatNoPluginKnowsIsAFaultOfTheFile(String conf, String message) throws IOException {
    String file = write("c.conf", conf);
    assertThat(custos.run("watch", "-c", file, "/data")).isEqualTo(1);
    assertThat(custos.err())
        .contains("custos: " + file + ": 1: ", message)
        .doesNotContain("ready:");
  }

  @Test
  void faultsOfAllSectionsAreToldTogetherALineEach() throws IOException {
    String file =
        write("c.conf", "custos {\n nod.name = a\n sinks.a.type = stdot\n backends.magic {}\n}");
    assertThat(custos.run("watch", "-c", file, "/data")).isEqualTo(1);
    assertThat(custos.err().lines())
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).startsWith("custos: " + file + ": "));
  }

  @Test
  void countNeedsAStandardOutput() throws IOException {
    String conf = write("c.conf", "custos.sinks.a.type = syslog");
    assertThat(custos.run("watch", "-c", conf, "--count", "1", "/data")).isEqualTo(1);
    assertThat(custos.err()).contains("has no sink of type stdout");
  }

  // ---- run

  @Test
  void runAppliesManifestsAndSaysThatSelectorsAreIgnored() throws IOException {
    String file = write("web.yaml", MANIFEST);
    assertThat(custos.run("run", "-f", file, "--count", "2")).isZero();
    assertThat(custos.lines)
        .containsExactly("text MODIFY /data/f1 env=prod", "text MODIFY /data/f2 env=prod");
    assertThat(custos.err()).containsOnlyOnce("selectors choose pods and are ignored here");
  }

  @Test
  void runTakesADirectoryAndStandardInput() throws IOException {
    write("web.yaml", MANIFEST);
    custos.input = MANIFEST.replace("name: web", "name: piped").replace("/data", "/piped");
    try {
      assertThat(custos.run("run", "-f", temp.toString(), "-f", "-", "--count", "10")).isZero();
    } finally {
      custos.input = "";
    }
    assertThat(custos.lines).anyMatch(line -> line.contains("/data/"));
    assertThat(custos.lines).anyMatch(line -> line.contains("/piped/"));
  }

  @Test
  void runStartsNothingIfOneManifestIsWrong() throws IOException {
    String good = write("good.yaml", MANIFEST);
    String bad =
        write("bad.yaml", MANIFEST.replace("modify", "modfy").replace("name: web", "name: bad"));
    assertThat(custos.run("run", "-f", good, "-f", bad)).isEqualTo(1);
    assertThat(custos.err()).contains("did you mean \"modify\"?").doesNotContain("ready:");
    assertThat(custos.lines).isEmpty();
  }

  // ---- validate, format, plugins, help

  @Test
  void validateTellsEveryFaultOfEveryFileAndEndsWithOne() throws IOException {
    String one = write("one.yaml", MANIFEST.replace("modify", "modfy"));
    String two =
        write("two.yaml", MANIFEST.replace("{event}", "{evnt}").replace("name: web", "name: two"));
    assertThat(custos.run("validate", one, two)).isEqualTo(1);
    assertThat(custos.out().lines())
        .anyMatch(line -> line.startsWith("error: " + one + ":") && line.contains("modify"))
        .anyMatch(line -> line.startsWith("error: " + two + ":") && line.contains("event"));
    assertThat(custos.err()).contains("2 errors");
  }

  @Test
  void validateOfAGoodManifestEndsWithZero() throws IOException {
    assertThat(custos.run("validate", write("good.yaml", MANIFEST))).isZero();
    assertThat(custos.out()).isEmpty();
    assertThat(custos.err()).isEqualTo("1 manifest without error, 0 errors, 0 warnings\n");
  }

  @Test
  void formatShowsALineForEachKindOfEvent() {
    assertThat(custos.run("format", "{event} {path}{sep}{file} {cookie}")).isZero();
    assertThat(custos.out().lines())
        .contains("MODIFY /var/www/index.html 0", "MOVED_TO /var/www/new.txt 7")
        .anyMatch(line -> line.contains("a\\nb\\x1b[31m\\u{202e}"))
        .anyMatch(line -> line.startsWith("LOST /var/www 0 reason=kernel-queue-overflow"))
        .hasSize(7);
  }

  @Test
  void formatOfAGuardsTemplateShowsBothAnswers() {
    assertThat(custos.run("format", "--guard", "<{response}> {path}")).isZero();
    assertThat(custos.out()).contains("<ALLOW> /etc/hosts\n").contains("<DENY> /etc/shadow\n");
  }

  @Test
  void formatPointsAtTheFault() {
    assertThat(custos.run("format", "é {evnt}")).isEqualTo(1);
    assertThat(custos.err()).contains("column 4: ").contains("  é {evnt}\n     ^\n");
    assertThat(custos.out()).isEmpty();
  }

  @Test
  void pluginsListShowsWhatWasFoundFromWhereAndWhetherItWorks() {
    assertThat(custos.run("plugins", "list")).isZero();
    assertThat(custos.out().lines())
        .anyMatch(
            line ->
                line.matches(
                    "watch +inotify +fake-inotify +1\\.2\\.3 +backend\\.jar"
                        + " +yes: only a fake +modify"))
        .anyMatch(line -> line.matches("sink +stdout +fake-sinks +1\\.2\\.3 +sink\\.jar +yes"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "watch --help",
        "run --help",
        "validate --help",
        "plugins --help",
        "plugins list --help",
        "format --help",
        "completion --help"
      })
  void everyCommandHasHelp(String command) {
    assertThat(custos.run(command.split(" "))).isZero();
    assertThat(custos.out()).startsWith("Usage: custos").contains("--help");
    assertThat(custos.err()).isEmpty();
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(custos.run("--version")).isZero();
    assertThat(custos.out()).matches("custos \\d+\\.\\d+\\.\\d+.*\n");
  }

  @Test
  void withoutACommandTheUsageIsShown() {
    assertThat(custos.run()).isEqualTo(1);
    assertThat(custos.err()).startsWith("Usage: custos").contains("validate");
    assertThat(custos.run("plugins")).isEqualTo(1);
    assertThat(custos.err()).startsWith("Usage: custos plugins");
  }

  @Test
  void completionKnowsEveryCommandAndOption() {
    assertThat(custos.run("completion")).isZero();
    assertThat(custos.out()).contains("--recursive", "--follow-move", "validate", "complete -F");
  }

  @Test
  void aStackTraceIsShownToWhoeverAsksForIt() {
    assertThat(custos.run("watch", "--debug", "-c", "none.conf", "/d")).isEqualTo(1);
    assertThat(custos.err()).contains("\tat dev.custos");
  }
}
