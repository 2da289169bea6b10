package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.CustosProcess.custos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.example.custos.RotatingFileSinkProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user's own plugins folder does to a start. */
class PluginFolderIT {
  @TempDir Path dir;
  private Path plugins;
  private Path watched;

  @BeforeEach
  void copyTheDistributionsPlugins() throws IOException {
    plugins = Files.createDirectory(dir.resolve("plugins"));
    watched = Files.createDirectory(dir.resolve("watched"));
    for (Path jar : Distribution.jars("plugins")) {
      Files.copy(jar, plugins.resolve(jar.getFileName()));
    }
  }

  @Test
  void aPluginOfSomebodyElseGetsTheEvents() throws Exception {
    Path sample =
        Path.of(
            RotatingFileSinkProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    Files.copy(sample, plugins.resolve("sample.jar"));
    Path log = dir.resolve("events.log");
    Path conf = conf("sinks.file { type = rotating-file, path = \"" + log + "\" }");
    try (CustosProcess custos =
        custos(
            "watch",
            "-c",
            conf.toString(),
            "--events",
            "create",
            "--format",
            "{event} {file}",
            watched.toString())) {
      custos.awaitReady();
      Files.createFile(watched.resolve("one"));
      await("the event in the sink's file")
          .atMost(DEADLINE)
          .until(() -> Files.exists(log) && Files.readString(log).equals("CREATE one\n"));
    }
  }

  @Test
  void aPluginThatDoesNotLoadStopsTheStart() throws Exception {
    Files.writeString(plugins.resolve("broken.jar"), "no jar at all");
    try (CustosProcess custos = custos("watch", "-c", conf("").toString(), watched.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(custos.out()).isEmpty();
      assertThat(String.join("\n", custos.err())).contains("broken.jar").doesNotContain("\tat ");
    }
  }

  @Test
  void aRequiredPluginThatIsMissingStopsTheStart() throws Exception {
    Path conf = conf("plugins.required = [siem]");
    try (CustosProcess custos = custos("watch", "-c", conf.toString(), watched.toString())) {
      assertThat(custos.awaitExit()).isEqualTo(2);
      assertThat(String.join("\n", custos.err())).contains("siem").doesNotContain("\tat ");
    }
  }

  private Path conf(String more) throws IOException {
    return Files.writeString(
        dir.resolve("custos.conf"),
        "custos {\n  plugins.directory = \"" + plugins + "\"\n  " + more + "\n}\n");
  }
}
