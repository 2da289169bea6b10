package dev.custos.spi.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilePathTest {
  private static final byte[] NO_TEXT = {'/', 'a', (byte) 0xff, '\n'};

  @Test
  void bytesComeBackAsTheyWere() {
    assertThat(FilePath.ofBytes(NO_TEXT).toByteArray()).isEqualTo(NO_TEXT);
    assertThat(FilePath.of("/grüße").toByteArray())
        .isEqualTo("/grüße".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aPathIsNotChangedThroughTheArraysItCameFromOrGave() {
    byte[] source = NO_TEXT.clone();
    FilePath path = FilePath.ofBytes(source);

    source[1] = 'x';
    path.toByteArray()[1] = 'x';

    assertThat(path).isEqualTo(FilePath.ofBytes(NO_TEXT));
  }

  @Test
  void aPartOfAnArrayIsAPath() {
    FilePath path = FilePath.ofBytes(NO_TEXT, 1, 2);

    assertThat(path.length()).isEqualTo(2);
    assertThat(path.byteAt(0)).isEqualTo((byte) 'a');
    assertThat(FilePath.ofBytes(NO_TEXT, 2, 0)).isSameAs(FilePath.EMPTY);
  }

  @ParameterizedTest
  @CsvSource({
    "/data, a, /data/a",
    "/data/, a, /data/a",
    "/, a, /a",
    "'', a, a",
    "/data, '', /data"
  })
  void resolvingPutsOneSlashBetween(String path, String name, String expected) {
    assertThat(FilePath.of(path).resolve(FilePath.of(name))).isEqualTo(FilePath.of(expected));
  }

  @Test
  void itsStringIsSafeToLogAndItsTextIsNot() {
    FilePath path = FilePath.of("/a\nb");

    assertThat(path).hasToString("/a\\nb");
    assertThat(path.text()).isEqualTo("/a\nb");
    assertThat(FilePath.ofBytes(NO_TEXT)).hasToString("/a\\xff\\n");
  }

  @Test
  void whetherItIsTextIsKnown() {
    assertThat(FilePath.of("/grüße\n").isText()).isTrue();
    assertThat(FilePath.EMPTY.isText()).isTrue();
    assertThat(FilePath.ofBytes(NO_TEXT).isText()).isFalse();
  }

  @Test
  void thePrintableFormIsCopiedWhole() {
    FilePath path = FilePath.ofBytes(NO_TEXT);
    byte[] target = new byte[path.printableLength() + 2];

    path.copyPrintableTo(target, 1);

    assertThat(new String(target, 1, path.printableLength(), StandardCharsets.UTF_8))
        .isEqualTo(path.toString());
    assertThat(target[0]).isZero();
    assertThat(target[target.length - 1]).isZero();
  }

  @Test
  void equalBytesAreEqualPaths() {
    FilePath other = FilePath.ofBytes(NO_TEXT);

    assertThat(other).isEqualTo(FilePath.ofBytes(NO_TEXT)).hasSameHashCodeAs(other);
    assertThat(other).isNotEqualTo(FilePath.of("/a")).isNotEqualTo(null);
  }

  @Test
  void theOrderIsThatOfUnsignedBytes() {
    assertThat(FilePath.ofBytes(NO_TEXT)).isGreaterThan(FilePath.of("/az"));
    assertThat(FilePath.of("/a")).isLessThan(FilePath.of("/a/b"));
    assertThat(FilePath.of("/a")).isEqualByComparingTo(FilePath.of("/a"));
  }
}
