package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PressureTest {
  private static final int NO_GROUP = -1;

  private final Pressure pressure = new Pressure(true);
  private final ReaderProgress other = new ReaderProgress();

  @Test
  void itIsHighWhileTheOtherReaderIsMostlyBusyToo() {
    pressure.sharedWith(other);
    other.answering();
    answer(10_000);
    assertThat(pressure.isHigh()).isTrue();
    other.idle();
    answer(10_000);
    assertThat(pressure.isHigh()).isFalse();
  }

  @Test
  void fewQuestionsAreNone() {
    pressure.sharedWith(other);
    other.answering();
    answer(100);
    assertThat(pressure.isHigh()).isFalse();
  }

  @Test
  void whatWasBeforeTheLastLookIsForgotten() {
    pressure.sharedWith(other);
    other.answering();
    answer(10_000);
    assertThat(pressure.isHigh()).isTrue();
    assertThat(pressure.isHigh()).isFalse();
  }

  @Test
  void whereThereIsOneProcessorThereIsNone() {
    Pressure alone = new Pressure(false);
    alone.sharedWith(other);
    other.answering();
    for (int i = 0; i < 10_000; i++) {
      alone.answered(NO_GROUP);
    }
    assertThat(alone.isHigh()).isFalse();
  }

  private void answer(int questions) {
    for (int i = 0; i < questions; i++) {
      pressure.answered(NO_GROUP);
    }
  }
}
