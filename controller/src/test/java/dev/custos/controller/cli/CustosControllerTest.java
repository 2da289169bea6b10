package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

@EnableKubernetesMockClient(crud = true)
class CustosControllerTest {
  KubernetesClient client;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void crdsPrintsADocumentForEachKind() {
    assertThat(run("crds")).isZero();
    assertThat(
            client
                .load(new ByteArrayInputStream(out.toString().getBytes(StandardCharsets.UTF_8)))
                .items())
        .extracting(d -> d.getMetadata().getName())
        .containsExactly(
            "arguswatchers.arguscontroller.clustergarage.io",
            "fimwatchers.fimcontroller.clustergarage.io",
            "janusguards.januscontroller.clustergarage.io");
  }

  @Test
  void aWrongCommandLineIsExplained() {
    assertThat(run()).isEqualTo(1);
    assertThat(run("run", "--insecure", "--port", "99999")).isEqualTo(1);
    assertThat(err.toString()).contains("--port 99999: a port is from 0 to 65535");
  }

  @Test
  void definitionsAreInstalledAndMayBeInstalledAgain() {
    PrintWriter printed = new PrintWriter(out);
    InstallCrdsCommand.install(client, printed);
    InstallCrdsCommand.install(client, printed);
    assertThat(client.apiextensions().v1().customResourceDefinitions().list().getItems())
        .extracting(HasMetadata::getKind, d -> d.getSpec().getNames().getKind())
        .hasSize(3);
  }

  private int run(String... arguments) {
    CommandLine line = CustosController.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }
}
