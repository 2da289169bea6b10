package dev.custos.spi.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain.txt", "with blank", "grüße", "日本語", "🎉", "e\u0301", "a\u00a0b"})
  void whatDrawsACharacterStaysAsItIs(String text) {
    assertThat(Printable.escape(text)).isEqualTo(text);
  }

  @Test
  void whatNeedsNoEscapingIsNotCopied() {
    byte[] raw = "plain".getBytes(StandardCharsets.US_ASCII);
    String text = "plain";

    assertThat(Printable.escape(raw)).isSameAs(raw);
    assertThat(Printable.escape(text)).isSameAs(text);
  }

  @Test
  void controlsAndBackslashesAreNamed() {
    assertThat(Printable.escape("a\nb\rc\td\\e\u001bf\u007fg\u0000"))
        .isEqualTo("a\\nb\\rc\\td\\\\e\\x1bf\\x7fg\\x00");
  }

  @ParameterizedTest
  @CsvSource({
    "0x85, \\u{85}",
    "0x9b, \\u{9b}",
    "0xad, \\u{ad}",
    "0x200b, \\u{200b}",
    "0x202e, \\u{202e}",
    "0x2028, \\u{2028}",
    "0x2029, \\u{2029}",
    "0x2066, \\u{2066}",
    "0xfeff, \\u{feff}",
    "0xfffe, \\u{fffe}",
    "0xfdd0, \\u{fdd0}",
    "0xe0041, \\u{e0041}",
    "0x10ffff, \\u{10ffff}"
  })
  void whatDrawsNothingOrTurnsTheLineRoundIsACodePoint(String codePoint, String expected) {
    String text = Character.toString(Integer.decode(codePoint));

    assertThat(Printable.escape("a" + text + "b")).isEqualTo("a" + expected + "b");
  }

  @ParameterizedTest
  @CsvSource({
    "ff, \\xff",
    "c3, \\xc3",
    "c328, \\xc3(",
    "80, \\x80",
    // Overlong forms of a slash and of NUL, which hide what they are.
    "c0af, \\xc0\\xaf",
    "e080af, \\xe0\\x80\\xaf",
    "f08080af, \\xf0\\x80\\x80\\xaf",
    // A surrogate, and what is beyond the last code point.
    "eda080, \\xed\\xa0\\x80",
    "f4908080, \\xf4\\x90\\x80\\x80",
    "f5808080, \\xf5\\x80\\x80\\x80",
    // Cut short, and followed by a good character.
    "e282, \\xe2\\x82",
    "e282c3bc, \\xe2\\x82ü",
    "f09f8e, \\xf0\\x9f\\x8e"
  })
  void everyByteOfInvalidUtf8IsShownByItself(String hex, String expected) {
    byte[] raw = HexFormat.of().parseHex(hex);

    assertThat(new String(Printable.escape(raw), StandardCharsets.UTF_8)).isEqualTo(expected);
  }

  @Test
  void aLoneSurrogateIsNoQuestionMark() {
    assertThat(Printable.escape("a\ud83db")).isEqualTo("a\ufffdb");
    assertThat(Printable.escape("\udc00\ud800")).isEqualTo("\ufffd\ufffd");
    assertThat(Printable.escape("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
  }

  @Test
  void anyBytesGiveASafeLineFromWhichTheyCanBeHadBack() {
    Random random = new Random(42);
    for (int round = 0; round < 20_000; round++) {
      byte[] raw = bytes(random);

      String shown = new String(Printable.escape(raw), StandardCharsets.UTF_8);

      assertThat(shown.codePoints()).noneMatch(c -> c < 0x20 || Printable.isInvisible(c));
      assertThat(shown).doesNotContain("\ufffd");
      assertThat(unescape(shown)).isEqualTo(raw);
    }
  }

  @Test
  void everyCodePointGivesASafeLineFromWhichItCanBeHadBack() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (Character.getType(c) == Character.SURROGATE) {
        continue;
      }
      String text = Character.toString(c);
      String shown = Printable.escape(text);

      if (shown.codePoints().anyMatch(s -> s < 0x20 || Printable.isInvisible(s))
          || !new String(unescape(shown), StandardCharsets.UTF_8).equals(text)) {
        throw new AssertionError("U+" + Integer.toHexString(c) + " gives " + shown);
      }
    }
  }

  /** Mixes whole characters, single bytes and characters of the escapes themselves. */
  private static byte[] bytes(Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = random.nextInt(12); i >= 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> out.write(random.nextInt(256));
        case 1 -> out.writeBytes(character(random));
        case 2 -> out.write("\\xu{}nrt0aF".charAt(random.nextInt(11)));
        default -> out.write(random.nextInt(0x80));
      }
    }
    return out.toByteArray();
  }

  private static byte[] character(Random random) {
    int c = random.nextInt(random.nextBoolean() ? 0x3000 : Character.MAX_CODE_POINT + 1);
    boolean surrogate = Character.getType(c) == Character.SURROGATE;
    return Character.toString(surrogate ? 'x' : c).getBytes(StandardCharsets.UTF_8);
  }

  /** What the documented escapes say, read back. */
  private static byte[] unescape(String shown) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < shown.length(); ) {
      int c = shown.codePointAt(i);
      i += Character.charCount(c);
      if (c != '\\') {
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      char escape = shown.charAt(i++);
      switch (escape) {
        case 'n' -> out.write('\n');
        case 'r' -> out.write('\r');
        case 't' -> out.write('\t');
        case '\\' -> out.write('\\');
        case 'x' -> {
          out.write(Integer.parseInt(shown.substring(i, i + 2), 16));
          i += 2;
        }
        case 'u' -> {
          int end = shown.indexOf('}', i);
          int codePoint = Integer.parseInt(shown.substring(i + 1, end), 16);
          out.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
          i = end + 1;
        }
        default -> throw new AssertionError("no such escape: \\" + escape + " in " + shown);
      }
    }
    return out.toByteArray();
  }
}
