package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(180)
class SimulateTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine line =
      CustosController.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

  @Test
  void everyAgentAnswersAndTheFiguresArePrinted() {
    int exit =
        line.execute(
            "simulate", "--agents", "20", "--pods", "200", "--watchers", "30", "--additions", "40");
    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString().lines())
        .hasSize(9)
        .allMatch(figure -> figure.matches("[a-z.].*[^ ]  +\\d+(\\.\\d ms| MiB)"));
    assertThat(err.toString().lines()).allMatch(step -> step.startsWith("simulate: "));
  }

  @ParameterizedTest
  @CsvSource({"--agents, 0", "--rate, -1", "--pods, many"})
  void aSizeThatIsNoneIsWrongInput(String option, String value) {
    assertThat(line.execute("simulate", option, value)).isEqualTo(1);
    assertThat(err.toString()).contains(option).contains(value);
    assertThat(out.toString()).isEmpty();
  }
}
