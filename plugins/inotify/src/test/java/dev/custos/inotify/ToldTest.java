package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import org.junit.jupiter.api.Test;

class ToldTest {
  private static final FilePath A = FilePath.of("a");
  private static final FilePath B = FilePath.of("b");

  private final Told told = new Told();

  @Test
  void aListingTellsWhatNobodyToldBefore() {
    assertThat(told.firstByListing(1, A)).isTrue();
    assertThat(told.firstByListing(1, B)).isTrue();
    assertThat(told.firstByListing(2, A)).isTrue();
  }

  @Test
  void aListingDoesNotRepeatTheKernelNorItself() {
    told.byKernel(1, A);

    assertThat(told.firstByListing(1, A)).isFalse();
    assertThat(told.firstByListing(2, A)).isTrue();
    assertThat(told.firstByListing(2, A)).isFalse();
  }

  @Test
  void theKernelsRepetitionOfAListingIsDroppedOnce() {
    told.firstByListing(1, A);

    assertThat(told.repeatsListing(2, A)).isFalse();
    assertThat(told.repeatsListing(1, B)).isFalse();
    assertThat(told.repeatsListing(1, A)).isTrue();
    assertThat(told.repeatsListing(1, A)).as("deleted and made again").isFalse();
  }

  @Test
  void onceTheQueueWasEmptyTheKernelRepeatsNothing() {
    told.firstByListing(1, A);

    told.queueIsEmpty();

    assertThat(told.repeatsListing(1, A)).isFalse();
  }

  @Test
  void afterTheListingsWhatTheKernelToldIsForgotten() {
    told.byKernel(1, A);

    told.listingsAreDone();

    assertThat(told.firstByListing(1, A)).isTrue();
  }

  @Test
  void aDirectoryThatTakesOverANumberInheritsNothing() {
    told.firstByListing(1, A);
    told.byKernel(1, B);

    told.forget(1);

    assertThat(told.repeatsListing(1, A)).isFalse();
    assertThat(told.firstByListing(1, B)).isTrue();
  }
}
