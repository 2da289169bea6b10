package dev.custos.sinks.json;

import static dev.custos.sinks.json.Events.changed;
import static dev.custos.sinks.json.Events.line;
import static dev.custos.sinks.json.Events.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "new\nline",
        "\r\t\b\f",
        "esc\u001b[31m",
        "del\u007f",
        "c1\u0085\u009b",
        "quote\"back\\slash",
        "grüße-日本-🎉",
        "rtl\u202egnp.exe",
        "zero\u200bwidth\ufeff",
        "sep\u2028\u2029",
        "tag\udb40\udc41",
        " blanks "
      })
  void aNameThatIsTextComesBackExactlyAndIsSafeToPrint(String name) {
    FileChanged event = changed(FilePath.of(name)).build();

    Config json = parsed(event);

    assertThat(json.getString("file.name")).isEqualTo(name);
    assertThat(json.getString("file.path")).isEqualTo("/data/" + name);
    assertThat(json.hasPath("custos.file")).isFalse();
    assertSafe(line(event));
  }

  @Test
  void aNameThatIsNoTextIsEscapedAndItsBytesAreThere() {
    byte[] name = {'a', (byte) 0xff, '\\', '\n', (byte) 0xc3};
    FileChanged event = changed(FilePath.ofBytes(name)).build();

    Config json = parsed(event);

    assertThat(json.getString("file.name")).isEqualTo("a\\xff\\\\\\n\\xc3");
    assertThat(json.getString("file.path")).isEqualTo("/data/a\\xff\\\\\\n\\xc3");
    assertThat(json.getString("custos.file.encoding")).isEqualTo("escaped");
    assertThat(Base64.getDecoder().decode(json.getString("custos.file.bytes")))
        .isEqualTo(FilePath.of("/data").resolve(FilePath.ofBytes(name)).toByteArray());
    assertSafe(line(event));
  }

  @Test
  void aDirectoryThatIsNoTextEscapesTheWholePath() {
    FilePath directory = FilePath.ofBytes(new byte[] {'/', (byte) 0x80});
    FileChanged event = changed(FilePath.of("a\\b")).path(directory).build();

    Config json = parsed(event);

    assertThat(json.getString("file.path")).isEqualTo("/\\x80/a\\\\b");
    assertThat(json.getString("file.name")).isEqualTo("a\\\\b");
    assertThat(json.getString("custos.file.encoding")).isEqualTo("escaped");
  }

  /** Any bytes at all: one line of valid JSON, from which the bytes can be had back. */
  @Test
  void everyNameCanBeHadBackFromItsLine() {
    Random random = new Random(20260615);
    for (int round = 0; round < 5000; round++) {
      byte[] name = new byte[1 + random.nextInt(40)];
      for (int i = 0; i < name.length; i++) {
        // Often ASCII, often the lead byte of a sequence.
        int b = random.nextInt(3) == 0 ? 0xc0 + random.nextInt(64) : random.nextInt(256);
        name[i] = (byte) (b == 0 || b == '/' ? 'x' : b);
      }
      FileChanged event = changed(FilePath.ofBytes(name)).build();

      Config json = parsed(event);

      byte[] whole =
          json.hasPath("custos.file")
              ? Base64.getDecoder().decode(json.getString("custos.file.bytes"))
              : json.getString("file.path").getBytes(StandardCharsets.UTF_8);
      assertThat(FilePath.ofBytes(whole))
          .isEqualTo(FilePath.of("/data").resolve(FilePath.ofBytes(name)));
      assertSafe(line(event));
    }
  }

  @Test
  void aLoneSurrogateInATextBecomesTheReplacementCharacter() {
    JsonBuffer out = new JsonBuffer(4);

    out.string("a\ud83d\ude00b\ud83dc");

    assertThat(new String(out.toByteArray(), StandardCharsets.UTF_8))
        .isEqualTo("\"a\ud83d\ude00b\ufffdc\"");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 99, 100, 4_294_967_295L, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void numbersAreDecimal(long value) {
    JsonBuffer out = new JsonBuffer(1);

    out.number(value);

    assertThat(new String(out.toByteArray(), StandardCharsets.US_ASCII))
        .isEqualTo(Long.toString(value));
  }

  private static void assertSafe(String line) {
    assertThat(line).endsWith("\n");
    assertThat(line.substring(0, line.length() - 1).codePoints())
        .noneMatch(Printable::isInvisible)
        .noneMatch(c -> c < 0x20);
  }
}
