package dev.custos.sinks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestSinkContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void anAbsentWordIsTheFirst() throws Exception {
    assertThat(options("").word("format", "text", "json")).isEqualTo("text");
    assertThat(options("format = json").word("format", "text", "json")).isEqualTo("json");
  }

  @Test
  void aWrongWordIsAnErrorWithPlaceExpectationAndTheNearest() {
    assertThatThrownBy(() -> options("\n\nformat = jsno").word("format", "text", "json"))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessage(
            "custos.conf: 3: sink test: format: \"jsno\" is not known; expected text or json;"
                + " did you mean \"json\"?");
  }

  @Test
  void aWordThatIsNoneIsShownAsItIs() {
    assertThatThrownBy(() -> options("format = [1]").word("format", "text", "json"))
        .hasMessageContaining("format: \"[1]\" is not known; expected text or json");
    assertThatThrownBy(() -> options("format = null").word("format", "text", "json"))
        .hasMessageContaining("format: \"null\" is not known");
    assertThatThrownBy(() -> options("format = \"a\\u001b[0m\"").word("format", "text"))
        .hasMessageContaining("\"a\\x1b[0m\"");
  }

  @Test
  void aWrongKeyIsAnErrorWithTheNearest() {
    assertThatThrownBy(() -> options("fromat = json").allow("format"))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessage(
            "custos.conf: 1: sink test: \"fromat\" is not a key of this sink; expected format;"
                + " did you mean \"format\"?");
    assertThatThrownBy(() -> options("colour = red").allow("format"))
        .hasMessageEndingWith("expected format");
  }

  @Test
  void aConfigurationThatIsNoFileSaysSoToo() {
    var context = TestSinkContext.of(ConfigFactory.parseMap(Map.of("a", 1), "the command line"));

    assertThatThrownBy(() -> new Options(context).allow("format"))
        .hasMessageStartingWith("the command line: sink test: \"a\"");
  }

  @Test
  void valuesOfEveryKindAreReadWithTheirUnits() throws Exception {
    Options options =
        options("a { b = 90s, c = 8KiB, d = 7, e = yes, f = \"/x\", g = \"\", h = [u, v] }")
            .section("a");

    assertThat(options.duration("b", Duration.ZERO, Duration.ofMinutes(2)))
        .isEqualTo(Duration.ofSeconds(90));
    assertThat(options.bytes("c", 1, 8192)).isEqualTo(8192);
    assertThat(options.number("d", 7, 7)).isEqualTo(7);
    assertThat(options.flag("e")).isTrue();
    assertThat(options.file("f")).contains(Path.of("/x"));
    assertThat(options.file("g")).isEmpty();
    assertThat(options.texts("h")).containsExactly("u", "v");
  }

  @Test
  void aValueThatCanNotBeUsedIsShownWithPlaceKeyAndWhatIsExpected() throws Exception {
    Options options = options("tls {\n a = 5, b = 1h, c = 9MiB, d = 1.5, e = perhaps, f = [] }");
    Options tls = options.section("tls");

    assertThatThrownBy(() -> tls.duration("a", Duration.ofMillis(1), Duration.ofSeconds(90)))
        .hasMessage(
            "custos.conf: 2: sink test: tls.a: \"5\" can't be used;"
                + " expected a time from 1ms to 90s with its unit, such as 10s");
    assertThatThrownBy(() -> tls.duration("b", Duration.ofMillis(1), Duration.ofMinutes(9)))
        .hasMessageContaining("tls.b: \"1h\" can't be used; expected a time from 1ms to 9m");
    assertThatThrownBy(() -> tls.bytes("c", 1, 1024))
        .hasMessageEndingWith(
            "\"9MiB\" can't be used; expected a size from 1 to 1024 bytes, such as 8KiB");
    assertThatThrownBy(() -> tls.number("d", 1, 3))
        .hasMessageEndingWith("\"1.5\" can't be used; expected a whole number from 1 to 3");
    assertThatThrownBy(() -> tls.flag("e"))
        .hasMessageEndingWith("\"perhaps\" can't be used; expected true or false");
    assertThatThrownBy(() -> tls.text("f")).hasMessageContaining("expected a text");
    assertThatThrownBy(() -> tls.text("z"))
        .hasMessageContaining("tls.z is missing; expected a text");
    assertThatThrownBy(() -> options.section("y")).hasMessageContaining("y is missing");
    assertThatThrownBy(() -> tls.section("a"))
        .hasMessageContaining("expected a section: a { ... }");
  }

  private static Options options(String text) {
    var named = ConfigParseOptions.defaults().setOriginDescription("custos.conf");
    return new Options(TestSinkContext.of(ConfigFactory.parseString(text, named)));
  }
}
