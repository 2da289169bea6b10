package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
  private static JsonReader reader(String text) {
    return new JsonReader(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void membersAreReadInOrderAndOthersSkipped() throws Exception {
    JsonReader reader =
        reader(" { \"a\" : 17 ,\"b\":{\"c\":[1,{\"d\":\"}]\"}]},\"e\":true,\"f\":\"x\" } ");

    reader.take('{');
    assertThat(reader.more('}')).isTrue();
    assertThat(reader.name()).isEqualTo("a");
    assertThat(reader.number()).isEqualTo(17);
    assertThat(reader.more('}')).isTrue();
    assertThat(reader.name()).isEqualTo("b");
    reader.skip();
    assertThat(reader.more('}')).isTrue();
    assertThat(reader.name()).isEqualTo("e");
    assertThat(reader.isTrue()).isTrue();
    assertThat(reader.more('}')).isTrue();
    assertThat(reader.name()).isEqualTo("f");
    assertThat(reader.string()).isEqualTo("x");
    assertThat(reader.more('}')).isFalse();
    assertThat((int) reader.peek()).isZero();
  }

  @Test
  void escapesAreUndone() throws Exception {
    assertThat(reader("\"a\\n\\t\\\"\\\\\\/\\u00e9\\ud83d\\ude00ü\"").string())
        .isEqualTo("a\n\t\"\\/\u00e9\ud83d\ude00ü");
  }

  @Test
  void aLongStringIsCutAndReadToItsEnd() throws Exception {
    JsonReader reader = reader("[\"" + "x".repeat(100_000) + "\\n".repeat(5000) + "\",7]");

    reader.take('[');
    assertThat(reader.string()).hasSize(1024);
    assertThat(reader.more(']')).isTrue();
    assertThat(reader.number()).isEqualTo(7);
  }

  @Test
  void whatIsNoWholeNumberIsNone() throws Exception {
    for (String text : new String[] {"-1", "1.5", "1e3", "2147483648", "9".repeat(99), "null"}) {
      assertThat(reader(text).number()).as(text).isEqualTo(-1);
    }
    assertThat(reader("2147483647").number()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void depthCostsNoStack() throws Exception {
    int depth = 500_000;
    JsonReader reader = reader("[".repeat(depth) + "]".repeat(depth) + "7");

    reader.skip();

    assertThat(reader.number()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[", "\"a", "\"\\", "\"\\u12", "]", ",", "{\"a\":", "[1,2"})
  void whatHasNoEndIsMalformed(String text) {
    assertThatThrownBy(() -> reader(text).skip()).isInstanceOf(JsonReader.Malformed.class);
  }
}
