package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import dev.custos.testkit.TestSinkContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpSettingsTest {
  private static final String SECRET = "s3cr3t-t0ken";

  @TempDir Path directory;
  private TestReceiver receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = new TestReceiver();
  }

  @AfterEach
  void stop() throws Exception {
    receiver.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          encoding = ndjsn           | encoding: "ndjsn" is not known; expected ndjson or
          encoding = splunk-hek      | did you mean "splunk-hec"?
          compresion = gzip          | "compresion" is not a key of this sink
          compresion = gzip          | did you mean "compression"?
          auth.tokn { file = "/x" }  | "auth.tokn" is not a key of this sink
          max-request-bytes = 1KB    | max-request-bytes: "1KB" can't be used; expected a size
          max-request-events = 0     | max-request-events: "0" can't be used; expected a whole
          request-timeout = 10       | request-timeout: "10" can't be used; expected a time from 1ms
          connect-timeout = 10 years | connect-timeout: "10 years" can't be used
          retry-statuses = [500]     | retry-statuses: "[500]" can't be used
          headers { "a b" = c }      | headers.a b: "a b" can't be a header's name
          headers { Cookie = c }     | headers.Cookie: holds a secret, which must not stand here
          headers { authorization=c }| use auth { type = header
          headers { host = c }       | headers.host: is set by the sink itself
          headers { x = "a\\r\\nb: c" } | headers.x: expected visible ASCII characters on one line
          user-agent = "a\\nb"       | user-agent: expected visible ASCII
          proxy = "http://u:p@h:1"   | proxy: expected http://HOST:PORT, without user
          proxy = "socks://h:1"      | proxy: expected http://HOST:PORT
          proxy-auth { user = me, password { env = PATH } } | proxy-auth.user: is for a proxy
          proxy-auth { user = me }   | proxy-auth.user: needs proxy-auth.password, which is missing
          proxy-auth { password { env = PATH } } | proxy-auth.password: needs proxy-auth.user
          proxy-auth { user = me, password = abc } | proxy-auth.password: a secret must not stand
          proxy-auth { user = "a:b", password { env = PATH } } | proxy-auth.user: expected a name
          dead-letter.directory = "x"| dead-letter.directory: expected a path that begins with /
          dead-letter.max-bytes = 1  | dead-letter.max-bytes: "1" can't be used
          auth { type = bearer }     | auth.type: bearer needs auth.token, which is missing
          auth { user = me }         | auth.user: is not for auth.type = none
          auth { type = basic, user = "a:b", password { env = PATH } } | auth.user: expected a name
          auth { type = header, name = "a\\nb", value { env = PATH } } | can't be a header's name
          auth { type = bearer, token { env = NO_SUCH } } | no environment variable NO_SUCH
          loki.fields = [nod], encoding = loki | loki.fields: "nod" is not known
          loki.fields = [nod], encoding = loki | did you mean "node"?
          loki.labels { "a-b" = c }, encoding = loki | loki.labels.a-b: "a-b" is no label
          """)
  void aWrongSettingStopsTheStartByItsName(String line, String expected) {
    assertThatThrownBy(() -> open(line).close())
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessageContaining("sink test: ")
        .hasMessageContaining(expected)
        .hasMessageContaining("custos.conf: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ftp://h/x             | is neither http:// nor https://
          h/x                   | is neither http:// nor https://
          http:///x             | names no host
          http://h/x#y          | has a part after #
          http://h/x y          | is no address
          http://me:s3cr3t@h/x  | use auth { type = basic
          http://me:s3cr3t@h_i/ | use auth { type = basic
          """)
  void aWrongAddressStopsTheStartAndIsNotShown(String url, String expected) {
    assertThatThrownBy(() -> Sinks.open("url = \"" + url + "\"").close())
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessageContaining("custos.conf: 1: sink test: url: ")
        .hasMessageContaining(expected)
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void anAddressIsNeeded() {
    assertThatThrownBy(() -> Sinks.open("").close())
        .hasMessageContaining("sink test: url: is missing; expected an address");
  }

  @Test
  void aSecretInTheConfigurationIsRefusedAndNotShown() {
    assertThatThrownBy(() -> open("auth { type = bearer, token = " + SECRET + " }").close())
        .hasMessageContaining("auth.token: a secret must not stand in the configuration")
        .hasMessageNotContaining(SECRET);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          type = bearer, token           | Authorization | Bearer s3cr3t-t0ken
          type = splunk, token           | Authorization | Splunk s3cr3t-t0ken
          type = header, name = X-K, value | X-K         | s3cr3t-t0ken
          """)
  void aSecretOutOfAFileStandsInItsHeader(String auth, String header, String value)
      throws Exception {
    try (Sink sink = open("auth { " + auth + " { file = \"" + secretFile() + "\" } }")) {
      sink.write(Sinks.events(1, 1));
    }

    assertThat(receiver.requests().get(0).header(header)).isEqualTo(value);
  }

  @Test
  void basicIsUserAndPasswordInUtf8() throws Exception {
    String auth = "auth { type = basic, user = \"jürgen\", password { file = \"%s\" } }";
    try (Sink sink = open(auth.formatted(secretFile()))) {
      sink.write(Sinks.events(1, 1));
    }

    String expected =
        Base64.getEncoder().encodeToString(("jürgen:" + SECRET).getBytes(StandardCharsets.UTF_8));
    assertThat(receiver.requests().get(0).header("Authorization")).isEqualTo("Basic " + expected);
  }

  @Test
  void aSecretThatIsReplacedCountsFromTheNextRequestOn() throws Exception {
    Path file = secretFile();
    try (Sink sink = open("auth { type = bearer, token { file = \"" + file + "\" } }")) {
      sink.write(Sinks.events(1, 1));
      Files.writeString(file, "newer-t0ken!\n");
      sink.write(Sinks.events(2, 2));
    }

    assertThat(receiver.requests())
        .extracting(r -> r.header("Authorization"))
        .containsExactly("Bearer " + SECRET, "Bearer newer-t0ken!");
  }

  @Test
  void aSecretThatIsReplacedWhileARequestIsUnderWayIsTriedAtOnce() throws Exception {
    Path file = secretFile();
    receiver.next(
        (socket, out, end) -> {
          Files.writeString(file, "newer-t0ken!\n");
          TestReceiver.status(401).answer(socket, out, end);
        });
    try (Sink sink = open("auth { type = bearer, token { file = \"" + file + "\" } }")) {
      assertThat(sink.write(Sinks.events(1, 1))).isEqualTo(WriteResult.accepted(1));
    }

    assertThat(receiver.requests()).hasSize(2);
  }

  @Test
  void aSecretThatVanishesIsATemporaryFaultThatNamesItsFile() throws Exception {
    Path file = secretFile();
    try (Sink sink = open("auth { type = bearer, token { file = \"" + file + "\" } }")) {
      Files.delete(file);

      assertThatThrownBy(() -> sink.write(Sinks.events(1, 1)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessage("auth.token: file " + file + " does not exist");
    }
  }

  @Test
  void aSecretThatNoHeaderCanHoldIsRefusedAndNotShown() throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "s3cr\u00e9t");

    assertThatThrownBy(
            () -> open("auth { type = bearer, token { file = \"" + file + "\" } }").close())
        .hasMessageContaining("auth.token: file " + file + " holds characters")
        .hasMessageNotContaining("s3cr");
  }

  @Test
  void aProxyIsAskedForTheWholeAddress() throws Exception {
    String proxy = "proxy = \"http://127.0.0.1:" + receiver.port() + "\"";
    try (Sink sink = Sinks.open("url = \"http://logs.example/in?a=b\"", proxy)) {
      assertThat(sink.write(Sinks.events(1, 2))).isEqualTo(WriteResult.accepted(2));
    }

    assertThat(receiver.requests().get(0).line())
        .isEqualTo("POST http://logs.example/in?a=b HTTP/1.1");
    assertThat(receiver.requests().get(0).header("Host")).isEqualTo("logs.example");
  }

  @Test
  void aProxyThatRefusesATunnelIsATemporaryFault() throws Exception {
    receiver.next(TestReceiver.status(403));
    String proxy = "proxy = \"http://127.0.0.1:" + receiver.port() + "\"";
    try (Sink sink = Sinks.open("url = \"https://logs.example\"", proxy)) {
      assertThatThrownBy(() -> sink.write(Sinks.events(1, 2))).isInstanceOf(SinkException.class);
    }

    assertThat(receiver.requests().get(0).line()).isEqualTo("CONNECT logs.example:443 HTTP/1.1");
  }

  @Test
  void ownHeadersAreSent() throws Exception {
    try (Sink sink = open("headers { X-Scope-OrgID = tenant, X-A = \"b c\" }", "user-agent = u")) {
      sink.write(Sinks.events(1, 1));
    }

    TestReceiver.Request request = receiver.requests().get(0);
    assertThat(request.header("X-Scope-OrgID")).isEqualTo("tenant");
    assertThat(request.header("X-A")).isEqualTo("b c");
    assertThat(request.header("User-Agent")).isEqualTo("u");
  }

  @Test
  void theDefaultsAreAConfigurationThatWorks() throws Exception {
    Config defaults =
        ConfigFactory.parseResources(getClass().getClassLoader(), "reference.conf")
            .getConfig("custos.sink-types.http");
    Config all = Sinks.config("url = \"http://localhost\"").withFallback(defaults);

    new HttpSinkProvider().open(TestSinkContext.of(all)).close();
  }

  private Path secretFile() throws Exception {
    return Files.writeString(directory.resolve("token"), SECRET + "\n");
  }

  private Sink open(String... lines) throws SinkException {
    return Sinks.open("url = \"" + receiver.url() + "\"", String.join("\n", lines));
  }
}
