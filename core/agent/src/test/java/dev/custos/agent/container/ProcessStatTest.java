package dev.custos.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.SmallFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessStatTest {
  private static String stat(String name, String state) {
    return "1234 ("
        + name
        + ") "
        + state
        + " 1 1234 1234 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0"
        + " 987654 1000 200 18446744073709551615 1 1 0 0\n";
  }

  @ParameterizedTest
  @ValueSource(strings = {"sleep", "a b", ")", "x) Z 1 1 1", "\n", "", "(((", ") R 0 0 0 0 0 0"})
  void theNameThatAProcessGivesItselfIsPassedOver(String name) {
    assertThat(ProcessStat.parse(stat(name, "S"))).contains(new ProcessStat('S', 987654));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1234", "1234 (a)", "1234 (a) ", "1234 (a) S 1 2", "1 (a) SS 1"})
  void whatIsNotAsProcHasItIsNothing(String text) {
    assertThat(ProcessStat.parse(text)).isEmpty();
  }

  @Test
  void aProcessThatHasEndedIsKnown() {
    assertThat(ProcessStat.parse(stat("a", "Z")).orElseThrow().hasEnded()).isTrue();
    assertThat(ProcessStat.parse(stat("a", "D")).orElseThrow().hasEnded()).isFalse();
  }

  @Test
  void theKernelsOwnFileIsRead() throws Exception {
    ProcFolder self = new ProcFolder(Path.of("/proc/self"), new SmallFile());
    assertThat(self.stat().startTime()).isPositive();
    assertThat(self.name()).isEqualTo("java");
  }
}
