package dev.custos.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.agent.pipeline.RetryPolicy;
import dev.custos.agent.pipeline.SinkPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  void theReferenceSaysWhatTheCodeDoes() {
    Config reference =
        ConfigFactory.parseResources(SettingsReader.class.getClassLoader(), "reference.conf");
    Config sink = reference.getConfig("custos.sink-defaults");
    assertThat(
            new SinkPolicy(
                sink.getInt("queue-capacity"),
                Optional.empty(),
                sink.getInt("max-batch"),
                sink.getDuration("linger"),
                sink.getDuration("write-deadline"),
                new RetryPolicy(
                    sink.getDuration("retry-min"),
                    sink.getDuration("retry-max"),
                    2,
                    Optional.empty()),
                0))
        .isEqualTo(SinkPolicy.DEFAULT);
    assertThat(sink.root().keySet())
        .as("every setting of a sink that is the host's, but its type")
        .isEqualTo(
            PluginConfigs.HOST_KEYS.stream()
                .filter(key -> !key.equals("type"))
                .collect(java.util.stream.Collectors.toSet()));
    assertThat(reference.getString("custos.sinks.console.type")).isEqualTo("stdout");
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
              backends { inotify { max-watches = 10 } }
              sink-defaults.max-batch = 9
              sinks {
                siem { type = syslog, address = "10.0.0.1", queue-capacity = 77, retry-max = 5m }
              }
            }
            """);
    assertThat(settings.node()).isEqualTo("rack-7");
    assertThat(settings.pluginsDirectory()).isEqualTo(Path.of("/srv/plugins"));
    assertThat(settings.requiredPlugins()).containsExactly("inotify");
    assertThat(settings.watchBackend()).isEqualTo("fancy");
    assertThat(settings.applyDeadline()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.drainDeadline()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.configuredBackends()).isEqualTo(Set.of("inotify"));
    assertThat(settings.sinks()).hasSize(1);
    SinkSettings siem = settings.sinks().get(0);
    assertThat(siem.name()).isEqualTo("siem");
    assertThat(siem.type()).isEqualTo("syslog");
    assertThat(siem.policy().memory()).isEqualTo(77);
    assertThat(siem.policy().maxBatch()).isEqualTo(9);
    assertThat(siem.policy().retry().max()).isEqualTo(Duration.ofMinutes(5));
    assertThat(settings.hasStdout()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "custos.aply.deadline = 1s           | custos.aply is not a setting; did you mean \"apply\"?",
        "custos.apply.dedline = 1s           | custos.apply.dedline is not a setting; did you mean",
        "custo.apply.deadline = 1s           | custo is not a setting; did you mean \"custos\"?",
        "custos.apply = 1s                   | custos.apply is a section, not a value",
        "custos.apply.deadline = 0s          | apply.deadline must be more than 0",
        "custos.apply.deadline = soon        | apply.deadline",
        "custos.sinks {}                     | custos.sinks is empty",
        "custos.sinks.a { format = text }    | custos.sinks.a has no type",
        "custos.sinks.a = stdout             | custos.sinks.a is no section",
        "custos.sinks.a { type = stdout, queue-capacity = 1 } | queue-capacity must be at least 2",
        "custos.node.name = ${nobody}        | nobody",
        "custos { apply {                    | custos.conf",
      })
  void aMistakeIsToldWithItsPlaceAndTheWayOut(String text, String expected) {
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(() -> read("\n" + text))
        .satisfies(
            e -> {
              assertThat(e.isWrongInput()).isTrue();
              assertThat(e.getMessage())
                  .contains("custos.conf")
                  .containsAnyOf(": 2:", ": 2", ": 3:")
                  .contains(expected)
                  .doesNotContain("\n");
            });
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
