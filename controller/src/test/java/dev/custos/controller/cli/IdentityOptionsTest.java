package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class IdentityOptionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--tls-cert a                    | --tls-cert and --tls-key go together",
        "--tls-key a                     | --tls-cert and --tls-key go together",
        "--tls-ca a                      | --tls-ca goes with --tls-cert and --tls-key",
        "--tls-name a_b                  | --tls-name a_b: expected a DNS name or an IP address",
        "--insecure --tls-name a         | --insecure is without TLS",
        "--insecure --tls-cert a --tls-key b | --insecure is without TLS",
        "--tls-cert a --tls-key b --tls-name c | for a certificate that the controller makes",
        "--agent-account agent           | --agent-account agent: expected NAMESPACE/NAME",
        "--namespace A                   | --namespace A: is no namespace's name",
      })
  void whatCanNotGoTogetherIsExplained(String options, String message) {
    StringWriter said = new StringWriter();
    CommandLine line = CustosController.commandLine();
    line.setErr(new PrintWriter(said, true));
    assertThat(line.execute(("run " + options).split(" "))).isEqualTo(1);
    assertThat(said.toString()).contains(message);
  }
}
