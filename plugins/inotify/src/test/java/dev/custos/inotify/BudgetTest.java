package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetTest {
  @Test
  void aShareHasRoomUpToWhatATargetMayHold() {
    Budget.Share share = budget(2, 100).share(true);

    share.took();
    assertThat(share.hasRoom()).isTrue();
    share.took();

    assertThat(share.hasRoom()).isFalse();
    assertThat(share.reason()).contains("max-per-target is 2");
  }

  @Test
  void oneTargetsLimitIsNotAnothers() {
    Budget budget = budget(1, 100);
    Budget.Share full = budget.share(true);
    full.took();

    assertThat(full.hasRoom()).isFalse();
    assertThat(budget.share(true).hasRoom()).isTrue();
  }

  @Test
  void allSharesTogetherHaveRoomUpToTheTotal() {
    Budget budget = budget(100, 3);
    Budget.Share one = budget.share(true);
    Budget.Share two = budget.share(true);

    one.took();
    one.took();
    two.took();

    assertThat(one.hasRoom()).isFalse();
    assertThat(two.hasRoom()).isFalse();
    assertThat(two.reason()).contains("max-total is 3");
  }

  @Test
  void whatIsGivenBackMayBeTakenByAnother() {
    Budget budget = budget(100, 1);
    Budget.Share one = budget.share(true);
    Budget.Share two = budget.share(true);
    one.took();

    one.gave();

    assertThat(two.hasRoom()).isTrue();
  }

  @Test
  void closingAShareGivesBackAllItHeldOnce() {
    Budget budget = budget(100, 2);
    Budget.Share one = budget.share(true);
    Budget.Share two = budget.share(true);
    one.took();
    one.took();

    one.close();
    one.close();
    two.took();

    assertThat(two.hasRoom()).isTrue();
    two.took();
    assertThat(two.hasRoom()).isFalse();
  }

  @Test
  void withContainersHalfOfTheKernelsLimitIsLeftToOthers() {
    Budget.Share share =
        new Budget(OptionalInt.empty(), OptionalInt.empty(), Duration.ofSeconds(10)).share(true);
    int half = Limits.watches().value() / 2;

    for (int i = 0; i < half; i++) {
      assertThat(share.hasRoom()).isTrue();
      share.took();
    }

    assertThat(share.hasRoom()).isFalse();
    assertThat(share.reason()).contains(" is " + half + " ");
  }

  @Test
  void aNumberOfTheKernelIsReadWholeAndAnUnreadableOneIsMinusOne(@TempDir Path dir)
      throws IOException {
    Path text = Files.writeString(dir.resolve("text"), "many\n");
    Path number = Files.writeString(dir.resolve("number"), "1048576\n");

    assertThat(Budget.readNumber(number)).isEqualTo(1_048_576);
    assertThat(Budget.readNumber(text)).isEqualTo(-1);
    assertThat(Budget.readNumber(dir.resolve("absent"))).isEqualTo(-1);
    assertThat(Limits.watches().value()).isPositive();
  }

  private static Budget budget(int perTarget, int total) {
    return new Budget(OptionalInt.of(perTarget), OptionalInt.of(total), Duration.ofSeconds(10));
  }
}
