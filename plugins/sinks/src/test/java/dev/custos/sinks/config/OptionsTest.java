package dev.custos.sinks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestSinkContext;
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

  private static Options options(String text) {
    var named = ConfigParseOptions.defaults().setOriginDescription("custos.conf");
    return new Options(TestSinkContext.of(ConfigFactory.parseString(text, named)));
  }
}
