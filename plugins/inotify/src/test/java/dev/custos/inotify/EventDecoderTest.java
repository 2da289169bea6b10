package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(64 * 1024).order(ByteOrder.nativeOrder());
  private final List<String> decoded = new ArrayList<>();
  private int end;

  @Test
  void recordsComeInOrderWithAllTheirFields() {
    record(1, Mask.CREATE | Mask.ISDIR, 0, "a", 16);
    record(0x7fffffff, Mask.MOVED_FROM, 0xfedcba98, "name", 16);
    record(-1, Mask.Q_OVERFLOW, 0, "", 0);

    assertThat(decode()).isEqualTo(3);

    assertThat(decoded)
        .containsExactly("1 40000100 0 a", "2147483647 40 fedcba98 name", "-1 4000 0 ");
  }

  @Test
  void aNameEndsAtItsFirstNulHoweverMuchPaddingFollows() {
    record(1, Mask.CREATE, 0, "short", 64);
    record(2, Mask.CREATE, 0, "exactly-15-long", 16);
    // Not what the kernel writes today; the layout allows it.
    record(3, Mask.CREATE, 0, "no-nul-at-all-16", 16);

    decode();

    assertThat(decoded)
        .containsExactly("1 100 0 short", "2 100 0 exactly-15-long", "3 100 0 no-nul-at-all-16");
  }

  @ParameterizedTest
  @ValueSource(ints = {255, 256, 765, 1530})
  void aNameIsNeverCut(int length) {
    // NAME_MAX is 255, but vfat and FUSE have longer ones.
    String name = "n".repeat(length);
    record(1, Mask.CREATE, 0, name, (length + 16) / 16 * 16);
    record(2, Mask.DELETE, 0, "next", 16);

    decode();

    assertThat(decoded).containsExactly("1 100 0 " + name, "2 200 0 next");
  }

  @Test
  void whatIsLeftInTheBufferFromAnEarlierReadIsNotLookedAt() {
    record(1, Mask.CREATE, 0, "new", 16);
    int read = end;
    record(2, Mask.CREATE, 0, "old", 16);

    assertThat(new EventDecoder().decode(buffer, read, this::take)).isEqualTo(1);

    assertThat(decoded).containsExactly("1 100 0 new");
  }

  @Test
  void nothingReadIsNoEvent() {
    assertThat(decode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 31})
  void aRecordThatIsCutShortIsAnError(int kept) {
    record(1, Mask.CREATE, 0, "name", 16);

    assertThatThrownBy(() -> new EventDecoder().decode(buffer, kept, this::take))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bytes");

    assertThat(decoded).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 17})
  void aNameLengthThatLeadsOutOfWhatWasReadIsAnError(int length) {
    record(1, Mask.CREATE, 0, "name", 16);
    buffer.putInt(12, length);

    assertThatThrownBy(this::decode).isInstanceOf(IllegalArgumentException.class);
  }

  private void record(int wd, int mask, int cookie, String name, int padded) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    buffer.putInt(end, wd).putInt(end + 4, mask).putInt(end + 8, cookie).putInt(end + 12, padded);
    buffer.put(end + 16, new byte[padded]).put(end + 16, bytes);
    end += 16 + padded;
  }

  private int decode() {
    return new EventDecoder().decode(buffer, end, this::take);
  }

  private void take(int wd, int mask, int cookie, byte[] name, int length) {
    String text = new String(name, 0, length, StandardCharsets.UTF_8);
    decoded.add(
        wd + " " + Integer.toHexString(mask) + " " + Integer.toHexString(cookie) + " " + text);
  }
}
