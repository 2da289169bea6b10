package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OwnListingsTest {
  private static final int DIRECTORY = 5;
  private static final int PARENT = 3;
  private static final byte[] NAME = "sub".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NO_NAME = new byte[0];

  private final OwnListings listings = new OwnListings();

  @Test
  void whatWasAnnouncedIsTakenOnTheDirectoryAndOnItsParentOnceEach() {
    announce(Mask.OPEN);

    assertThat(listings.take(DIRECTORY, Mask.OPEN, NO_NAME, 0)).isTrue();
    assertThat(listings.take(PARENT, Mask.OPEN, NAME, NAME.length)).isTrue();
    assertThat(listings.take(DIRECTORY, Mask.OPEN, NO_NAME, 0)).isFalse();
    assertThat(listings.take(PARENT, Mask.OPEN, NAME, NAME.length)).isFalse();
  }

  @Test
  void eachReadIsOneAccess() {
    announce(Mask.ACCESS);
    announce(Mask.ACCESS);

    assertThat(listings.take(DIRECTORY, Mask.ACCESS, NO_NAME, 0)).isTrue();
    assertThat(listings.take(DIRECTORY, Mask.ACCESS, NO_NAME, 0)).isTrue();
    assertThat(listings.take(DIRECTORY, Mask.ACCESS, NO_NAME, 0)).isFalse();
  }

  @Test
  void kindsAreCountedApart() {
    announce(Mask.OPEN);

    assertThat(listings.take(DIRECTORY, Mask.ACCESS, NO_NAME, 0)).isFalse();
    assertThat(listings.take(DIRECTORY, Mask.CLOSE_NOWRITE, NO_NAME, 0)).isFalse();
    assertThat(listings.take(DIRECTORY, Mask.OPEN, NO_NAME, 0)).isTrue();
  }

  @Test
  void othersDirectoriesAndNamesAreNotTaken() {
    byte[] other = "other".getBytes(StandardCharsets.UTF_8);
    announce(Mask.OPEN);

    assertThat(listings.take(PARENT, Mask.OPEN, other, other.length)).isFalse();
    assertThat(listings.take(PARENT, Mask.OPEN, NO_NAME, 0)).isFalse();
    assertThat(listings.take(DIRECTORY, Mask.OPEN, NAME, NAME.length)).isFalse();
    assertThat(listings.take(9, Mask.OPEN, NO_NAME, 0)).isFalse();
  }

  @Test
  void aDirectoryWithoutWatchedParentIsCountedAlone() {
    listings.raised(new OwnListings.Listing(DIRECTORY, -1, 0), Mask.OPEN);

    assertThat(listings.take(DIRECTORY, Mask.OPEN, NO_NAME, 0)).isTrue();
  }

  @Test
  void whatTheKernelMergedIsForgottenWhenItsQueueWasEmpty() {
    announce(Mask.ACCESS);

    listings.forget();

    assertThat(listings.take(DIRECTORY, Mask.ACCESS, NO_NAME, 0)).isFalse();
  }

  private void announce(int kind) {
    int hash = NameArena.hash(NAME, 0, NAME.length);
    listings.raised(new OwnListings.Listing(DIRECTORY, PARENT, hash), kind);
  }
}
