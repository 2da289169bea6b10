package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkRoomTest {
  private final MarkRoom room = new MarkRoom(10);

  @Test
  void allTargetsTogetherTakeNoMoreThanThereIs() {
    MarkRoom.Share one = room.share();
    MarkRoom.Share other = room.share();
    assertThat(look(one, 7)).isEqualTo(7);
    assertThat(look(other, 7)).isEqualTo(3);
    one.free();
    assertThat(look(other, 12)).isEqualTo(10);
  }

  @Test
  void aTargetThatIsLookedAtAgainKeepsWhatItHas() {
    MarkRoom.Share one = room.share();
    MarkRoom.Share other = room.share();
    look(one, 7);
    look(other, 3);
    assertThat(look(one, 8)).isEqualTo(7);
    assertThat(look(one, 2)).isEqualTo(2);
    assertThat(look(other, 9)).isEqualTo(8);
  }

  @Test
  void aLookThatFailsTakesNothingTwice() {
    MarkRoom.Share one = room.share();
    one.begin();
    for (int i = 0; i < 6; i++) {
      one.take();
    }
    assertThat(look(one, 10)).isEqualTo(10);
    assertThat(look(one, 1)).isEqualTo(1);
    assertThat(look(room.share(), 20)).isEqualTo(9);
  }

  @Test
  void aLookThatOutlivesItsTargetTakesNothing() {
    MarkRoom.Share one = room.share();
    one.begin();
    one.take();
    one.free();
    assertThat(one.take()).isFalse();
    one.end();
    assertThat(look(room.share(), 20)).isEqualTo(10);
  }

  @Test
  void theSmallestHeapHasRoomForSome() {
    assertThat(look(MarkRoom.ofHeap(8 << 20).share(), 1000)).isEqualTo(512);
    assertThat(look(MarkRoom.ofHeap(32 << 20).share(), 20_000)).isEqualTo(11_264);
  }

  /** How many of {@code wanted} objects a look gets room for. */
  private static int look(MarkRoom.Share share, int wanted) {
    int taken = 0;
    share.begin();
    while (taken < wanted && share.take()) {
      taken++;
    }
    share.end();
    return taken;
  }
}
