package dev.custos.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineBufferTest {
  @ParameterizedTest
  @ValueSource(
      longs = {0, 9, 10, 99, 100, -1, -10, Long.MAX_VALUE, Long.MIN_VALUE, 8446744073709551615L})
  void numbersAreWrittenInDecimal(long number) {
    assertThat(new LineBuffer(0).append(number)).hasToString(Long.toString(number));
    assertThat(new LineBuffer(0).appendUnsigned(number)).hasToString(Long.toUnsignedString(number));
  }

  @Test
  void itGrowsFromNothing() {
    LineBuffer out = new LineBuffer(0);
    for (int i = 0; i < 1000; i++) {
      out.appendAscii("ab").appendByte('c').appendUtf8("é");
    }

    assertThat(out.length()).isEqualTo(5000);
    assertThat(out).hasToString("abcé".repeat(1000));
  }

  @Test
  void clearingKeepsTheMemory() {
    LineBuffer out = new LineBuffer(4);
    out.appendAscii("more than four");
    byte[] before = out.array();
    out.clear();
    out.appendAscii("less");

    assertThat(out.array()).isSameAs(before);
    assertThat(out.toByteArray()).containsExactly('l', 'e', 's', 's');
  }

  @Test
  void bytesWrittenToTheArrayAreTakenOver() {
    LineBuffer out = new LineBuffer(0);
    out.ensure(2);
    out.array()[0] = 'o';
    out.array()[1] = 'k';
    out.setLength(2);

    assertThat(out).hasToString("ok");
    assertThatThrownBy(() -> out.setLength(out.array().length + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
