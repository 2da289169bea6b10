package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "77 (sh) S 12 77 12 0| 12",
        "77 (a) S 99 (b) R 4000000 1| 4000000",
        "77 () Z 0 0| 0",
        "77 (cut| 0",
        "''| 0",
        "77 (sh)| 0",
      })
  void theParentIsReadPastWhateverAProcessCallsItself(String stat, int parent) {
    assertThat(Owner.parentIn(ProcFile.holding(stat))).isEqualTo(parent);
  }
}
