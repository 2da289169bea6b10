package dev.custos.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.agent.pipeline.EventMatch;
import dev.custos.agent.pipeline.RetryPolicy;
import dev.custos.agent.pipeline.SinkPolicy;
import dev.custos.agent.pipeline.SpoolPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
  private static final Path HOME = Path.of("/opt/custos");

  @TempDir Path temp;

  private Path file(String text) throws IOException {
    return Files.writeString(temp.resolve("custos.conf"), text);
  }

  private AgentSettings read(String text) throws IOException, StartException {
    return SettingsReader.read(file(text), HOME);
  }

  @Test
  void anEmptyFileChangesNothing() throws IOException, StartException {
    AgentSettings defaults = AgentSettings.defaults(HOME);
    AgentSettings read = read("");
    assertThat(read).usingRecursiveComparison().ignoringFields("file").isEqualTo(defaults);
  }

  @Test
  void theReferenceNamesWhatTheHostReadsOfASink() {
    Config reference =
        ConfigFactory.parseResources(SettingsReader.class.getClassLoader(), "reference.conf");
    Set<String> sections = new TreeSet<>(SinkReader.HOST_KEYS);
    sections.remove("type");
    assertThat(new TreeSet<>(reference.getConfig("custos.sink-defaults").root().keySet()))
        .isEqualTo(sections);
    assertThat(reference.getString("custos.sinks.console.type")).isEqualTo("stdout");
  }

  /** An empty sink takes every default from the reference; without a file they are in the code. */
  @Test
  void theReferenceSaysWhatTheCodeDoes() throws IOException, StartException {
    SinkSettings sink = read("custos.sinks.a { type = x }").sinks().get(0);
    assertThat(sink.policy()).isEqualTo(SinkPolicy.DEFAULT);
    assertThat(sink.match()).isEqualTo(EventMatch.ALL);
    SpoolPolicy spool =
        read("custos.sinks.a { type = x, queue.spool = 1MiB }")
            .sinks()
            .get(0)
            .policy()
            .spool()
            .orElseThrow();
    assertThat(spool.maxAge()).isEqualTo(SpoolPolicy.DEFAULT_AGE);
    assertThat(spool.fsync()).isEqualTo(SpoolPolicy.Fsync.BATCH);
  }

  @Test
  void whatTheFileSaysIsTaken() throws IOException, StartException {
    AgentSettings settings =
        read(
            """
            custos {
              node.name = rack-7
              plugins { directory = /srv/plugins, required = [inotify] }
              watch.backend = fancy
              apply.deadline = 2s
              stop.deadline = 500ms
              state.directory = /srv/state
              metrics.address = "[::1]:0"
              backends { inotify { max-total = 10 } }
              sink-defaults { write.batch = 9, retry.max = 2m, match.tags.site = here,
                match.labels { "app.kubernetes.io/name" = web } }
              sinks {
                siem {
                  type = syslog
                  address = "10.0.0.1"
                  match { kinds = [watch, guard], tags { tier = prod }, events = [modify, deny] }
                  queue { memory = 77, spool = 256MiB, spool-age = 2d, fsync = none }
                  retry { initial = 5s, multiplier = 1.5, give-up = 1h }
                }
              }
            }
            """);
    assertThat(settings.node()).isEqualTo("rack-7");
    assertThat(settings.pluginsDirectory()).isEqualTo(Path.of("/srv/plugins"));
    assertThat(settings.requiredPlugins()).containsExactly("inotify");
    assertThat(settings.watchBackend()).isEqualTo("fancy");
    assertThat(settings.applyDeadline()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.drainDeadline()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.stateDirectory()).isEqualTo(Path.of("/srv/state"));
    assertThat(settings.metrics())
        .isEqualTo(new MetricsSettings(Optional.of(new HostPort("::1", 0)), true));
    assertThat(settings.configuredBackends()).isEqualTo(Set.of("inotify"));
    assertThat(settings.hasStdout()).isFalse();
    assertThat(settings.sinks())
        .containsExactly(
            new SinkSettings(
                "siem",
                "syslog",
                new SinkPolicy(
                    77,
                    Optional.of(
                        new SpoolPolicy(
                            Path.of("/srv/state/spool/siem"),
                            256 << 20,
                            Duration.ofDays(2),
                            SpoolPolicy.Fsync.NONE)),
                    9,
                    Duration.ofMillis(1),
                    Duration.ofSeconds(30),
                    new RetryPolicy(
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(2),
                        1.5,
                        Optional.of(Duration.ofHours(1))),
                    0),
                new EventMatch(
                    EnumSet.of(EventMatch.Kind.WATCH, EventMatch.Kind.GUARD),
                    Map.of("tier", "prod", "site", "here"),
                    Map.of("app.kubernetes.io/name", "web"),
                    Set.of("modify", "deny")),
                Map.of()));
  }

  @Test
  void aSinkCanTakeBackWhatTheDefaultsSay() throws IOException, StartException {
    AgentSettings settings =
        read(
            """
            custos {
              sink-defaults { queue.spool = 64MiB, retry.give-up = 1h, match.events = [deny] }
              sinks.a { type = x, queue.spool = off, retry.give-up = never, match.events = [] }
            }
            """);
    SinkSettings sink = settings.sinks().get(0);
    assertThat(sink.policy().spool()).isEmpty();
    assertThat(sink.policy().retry().giveUpAfter()).isEmpty();
    assertThat(sink.match()).isEqualTo(EventMatch.ALL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "custos.aply.deadline = 1s          | custos.aply is not a setting; did you mean \"apply\"?",
        "custos.apply.dedline = 1s          | custos.apply.dedline is not a setting; did you mean",
        "custo.apply.deadline = 1s          | custo is not a setting; did you mean \"custos\"?",
        "custos.apply = 1s                  | custos.apply is a section, not a value",
        "custos.node.name { a = b }         | custos.node.name is {\"a\":\"b\"}; expected a name",
        "custos.node.name = \"\"            | custos.node.name is \"\"; expected a name",
        "custos.apply.deadline = 0s         | custos.apply.deadline is \"0s\"; expected a time of more",
        "custos.apply.deadline = 30         | custos.apply.deadline is 30; expected a time of more",
        "custos.apply.deadline = soon       | custos.apply.deadline is \"soon\"; expected a time of",
        "custos.apply.deadline = 10sm       | or 1h; did you mean \"ms\"?",
        "custos.metrics.address = on        | expected off, or HOST:PORT such as 127.0.0.1:9464",
        "custos.sinks {}                    | custos.sinks is empty",
        "custos.sinks = none                | custos.sinks is a section",
        "custos.sinks.a { format = text }   | custos.sinks.a has no type",
        "custos.sinks.a { type = [x] }      | custos.sinks.a.type is [\"x\"]; expected the name",
        "custos.sinks.a = stdout            | custos.sinks.a is a section",
        "custos.sinks.\"../a\" { type = x } | custos.sinks.../a can't be a sink's name; expected",
        "custos.sinks.\"a\\nb\" { type = x } | custos.sinks.a\\nb can't be a sink's name",
        "custos.sinks.a { type = x, queue.memry = 1 } | custos.sinks.a.queue.memry is not a setting; did",
        "custos.sinks.a { type = x, queue.memory = 1 } | a.queue.memory is 1; expected a whole number from 2",
        "custos.sinks.a { type = x, queue.memory = 2.5 } | a.queue.memory is 2.5; expected a whole number",
        "custos.sinks.a { type = x, queue = 5 } | custos.sinks.a.queue is a section, not a value",
        "custos.sinks.a { type = x, queue.spool = 1KiB } | expected off, or a size of at least 1MiB",
        "custos.sinks.a { type = x, queue.spool = 5000000 } | expected off, or a size of at least 1MiB",
        "custos.sinks.a { type = x, queue.spool = 64Mib } | such as 64MiB or 2GiB; did you mean \"MiB\"?",
        "custos.sinks.a { type = x, queue.fsync = bach } | is \"bach\"; expected batch or none or always; did",
        "custos.sinks.a { type = x, retry.multiplier = 0.5 } | is 0.5; expected a number from 1.0 to 100.0",
        "custos.sinks.a { type = x, retry.give-up = nevr } | is \"nevr\"; expected never, or a time of",
        "custos.sinks.a { type = x, retry.max = 1ms } | custos.sinks.a.retry.max: retry.max is below",
        "custos.sinks.a { type = x, match.kinds = [wach] } | has an entry that is \"wach\"; expected watch or guard or scan or",
        "custos.sinks.a { type = x, match.events = [modfy] } | did you mean \"modify\"?",
        "custos.sinks.a { type = x, match.events = modify } | is \"modify\"; expected a list: [",
        "custos.sinks.a { type = x, match.tags.a = [b] } | match.tags.a is [\"b\"]; expected a text",
        "custos.sink-defaults.queue-capacity = 1 | queue-capacity is not a setting",
        "custos.sink-defaults.queue.memory = 1 | custos.sink-defaults.queue.memory is 1; expected",
        "custos.home = /x                   | custos.home is not a setting",
        "custos.state-home = /x             | custos.state-home is not a setting",
        "custos.node.name = ${nobody}       | nobody",
        "custos { apply {                   | custos.conf",
      })
  void aMistakeIsToldWithItsPlaceAndTheWayOut(String text, String expected) {
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> read("\n" + text))
        .satisfies(
            e -> {
              assertThat(e.isWrongInput()).isTrue();
              assertThat(e.messages())
                  .singleElement()
                  .asString()
                  .contains("custos.conf")
                  .containsAnyOf(": 2:", ": 2", ": 3:")
                  .contains(expected)
                  .doesNotContain("\n");
            });
  }

  @Test
  void everyFaultOfAFileIsToldAtOnceInTheOrderOfItsLines() throws IOException {
    Path file =
        file(
            """
            custos {
              sinks {
                siem { type = stdout, queue { memory = none, spol = 1MiB }
                       retry.initial = 5 }
              }
              stop.deadline = 5x
              nod.name = a
            }
            """);
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> SettingsReader.read(file, HOME))
        .satisfies(
            e ->
                assertThat(e.messages())
                    .containsExactly(
                        file
                            + ": 3: custos.sinks.siem.queue.spol is not a setting; did you mean"
                            + " \"spool\"?",
                        file
                            + ": 3: custos.sinks.siem.queue.memory is \"none\"; expected a whole"
                            + " number from 2 to 10000000",
                        file
                            + ": 4: custos.sinks.siem.retry.initial is 5; expected a time of more"
                            + " than 0 with its unit, such as 500ms, 10s, 5m or 1h",
                        file
                            + ": 6: custos.stop.deadline is \"5x\"; expected a time of more than 0"
                            + " with its unit, such as 500ms, 10s, 5m or 1h; did you mean \"s\"?",
                        file + ": 7: custos.nod is not a setting; did you mean \"node\"?"));
  }

  @Test
  void aValueFromTheEnvironmentIsBlamedOnTheFilesLine() throws IOException {
    Path file = file("\ncustos {\n  apply { deadline = ${PATH} } }");
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> SettingsReader.read(file, HOME))
        .withMessageStartingWith(file + ": 3: custos.apply.deadline has a wrong value; expected ")
        .withMessageEndingWith("(from env variables)")
        .withMessageNotContaining("/bin");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> SettingsReader.read(temp.resolve("none.conf"), HOME))
        .withMessageContaining("none.conf: there is no such file");
  }

  @Test
  void theCommandLineConcernsStandardOutputAlone() throws IOException, StartException {
    AgentSettings settings =
        read("custos.sinks { a { type = stdout }, b { type = syslog } }").withStdout(true, 5);
    for (SinkSettings sink : settings.sinks()) {
      boolean stdout = sink.type().equals("stdout");
      assertThat(sink.policy().limit()).isEqualTo(stdout ? 5 : 0);
      assertThat(sink.overrides().isEmpty()).isEqualTo(!stdout);
    }
    assertThat(List.of(settings.sinks().size())).containsExactly(2);
  }
}
