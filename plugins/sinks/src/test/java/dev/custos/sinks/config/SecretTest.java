package dev.custos.sinks.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.custos.spi.sink.SinkException;
import dev.custos.testkit.TestSinkContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"s3cret", "s3cret\n", "s3cret\r\n"})
  void aFileIsReadWithoutItsLineEnd(String content) throws Exception {
    assertThat(secret(file(content)).value()).isEqualTo("s3cret");
  }

  @Test
  void aChangedFileCountsFromTheNextUseOn() throws Exception {
    Path file = file("old-value\n");
    Secret secret = secret(file);
    assertThat(secret.value()).isEqualTo("old-value");

    // Same length, same second: nothing but the content tells.
    Files.writeString(file, "new-value\n");

    assertThat(secret.value()).isEqualTo("new-value");
  }

  @Test
  void aVariableOfTheEnvironmentIsTaken() throws Exception {
    Secret secret =
        options("token { env = TOKEN }").withEnvironment(Map.of("TOKEN", "s3cret")).secret("token");

    assertThat(secret.value()).isEqualTo("s3cret");
    assertThat(secret).hasToString("environment variable TOKEN");
  }

  @Test
  void itsTextTellsWhereItIsAndNotWhatItIs() throws Exception {
    Path file = file("s3cret");

    assertThat(secret(file)).hasToString("file " + file);
  }

  @Test
  void aSecretInTheConfigurationIsRefusedAndNotShown() {
    assertThatThrownBy(() -> options("token = s3cret").secret("token"))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessage(
            "custos.conf: 1: sink test: token: a secret must not stand in the configuration;"
                + " expected token { file = \"/path\" } or token { env = NAME }");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> options("token { file = /no/such }").secret("token"))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessage("custos.conf: 1: sink test: token: file /no/such does not exist");
    assertThatThrownBy(() -> options("token { env = NO_SUCH }").secret("token"))
        .hasMessageEndingWith("token: there is no environment variable NO_SUCH");
    assertThatThrownBy(() -> options("token { file = a, env = B }").secret("token"))
        .hasMessageContaining("token: expected token { file");
    assertThatThrownBy(() -> options("token { flie = /a }").secret("token"))
        .hasMessageContaining("\"token.flie\" is not a key")
        .hasMessageEndingWith("did you mean \"file\"?");
    assertThatThrownBy(() -> options("token { file = \"../a\" }").secret("token"))
        .hasMessageContaining("token.file: expected a path that begins with /");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "two\nlines", "cr\rlf", "nul\u0000", "c1\u0085"})
  void whatIsNoTextOfOneLineIsRefusedAndNotShown(String content) throws Exception {
    Path file = file(content);

    assertThatThrownBy(() -> Secret.ofFile("token", file).value())
        .isInstanceOf(SinkException.class)
        .hasMessageStartingWith("token: file " + file)
        .hasMessageNotContaining("two")
        .hasMessageNotContaining("nul");
  }

  @Test
  void aFileOfOtherBytesOrOfTooManyOrNoFileIsRefused() throws Exception {
    Path file = directory.resolve("secret");
    Files.write(file, new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(() -> Secret.ofFile("token", file).value())
        .hasMessageEndingWith("holds no UTF-8 text");
    Files.write(file, new byte[70_000]);
    assertThatThrownBy(() -> Secret.ofFile("token", file).value())
        .hasMessageContaining("holds more than 65536 bytes");
    assertThatThrownBy(() -> Secret.ofFile("token", directory).value())
        .hasMessageEndingWith("is no regular file");
  }

  private Path file(String content) throws Exception {
    return Files.writeString(directory.resolve("secret"), content);
  }

  private static Secret secret(Path file) throws SinkException {
    return options("token { file = \"" + file + "\" }").secret("token");
  }

  private static Options options(String text) {
    var named = ConfigParseOptions.defaults().setOriginDescription("custos.conf");
    return new Options(TestSinkContext.of(ConfigFactory.parseString(text, named)));
  }
}
