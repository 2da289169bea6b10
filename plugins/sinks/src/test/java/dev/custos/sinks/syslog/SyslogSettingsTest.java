package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.custos.sinks.connect.Address;
import dev.custos.spi.sink.SinkException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyslogSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "logs.example:6514, logs.example, 6514",
    "192.0.2.7:514, 192.0.2.7, 514",
    "[::1]:65535, ::1, 65535",
    "[fe80::1%eth0]:1, fe80::1%eth0, 1"
  })
  void anAddressIsAHostAndAPort(String text, String host, int port) {
    assertThat(Address.parse(text)).contains(new Address(host, port));
    assertThat(new Address(host, port)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "logs.example", ":514", "logs.example:", "a:b", "a:0", "a:65536", "a:-1", "a:+1",
        "::1:514", "[::1]", "[::1]514", "[a]:1", "[]:1", "a b:1", "http://a:1", "a:\u0661",
            "a:999999"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThat(Address.parse(text)).isEmpty();
  }

  @Test
  void whatCanNotWorkIsRefusedWithItsKeyAndTheWayOut() {
    refuses("", "address: expected host and port, such as \"logs.example:6514\"");
    refuses("transport = tsl, address = \"a:1\"", "transport: \"tsl\" is not known");
    refuses("transport = tsl, address = \"a:1\"", "did you mean \"tls\"?");
    refuses("transport = local, address = \"a:1\"", "address: transport = local has none");
    refuses("transport = local, path = log", "path: expected the path of a socket");
    refuses(at("transport = udp, framing = newline"), "framing: transport = udp has a framing");
    refuses(at("severity.deny = warn"), "severity.deny: \"warn\" is not known");
    refuses(at("severity.dney = error"), "\"severity.dney\" is not a key of this sink");
    refuses(at("facility = local8"), "facility: \"local8\" is not known");
    refuses(at("app-name = \"\""), "app-name: expected a name");
    refuses(at("enterprise-number = acme"), "enterprise-number: expected a private enterprise");
    refuses(at("max-size = 100"), "max-size: \"100\" can't be used; expected a size from 1024");
    refuses(at("transport = udp, max-size = 70000"), "from 1024 to 65507 bytes");
    refuses(at("connect-timeout = 5"), "connect-timeout: \"5\" can't be used; expected a time");
    refuses(at("relp-window = 0"), "relp-window: \"0\" can't be used");
    refuses(at("tls.ca = \"/no/such.pem\""), "tls.ca: /no/such.pem does not exist");
    refuses(at("tls.server = x"), "\"tls.server\" is not a key of this sink");
  }

  @Test
  void nothingIsConnectedBeforeTheFirstWrite() throws Exception {
    Sinks.open("tcp", Ports.freePort(), "").close();
    Sinks.open("transport = local, path = \"/no/such/socket\"").close();
  }

  @Test
  void everySettingIsDocumented() throws Exception {
    String page = Files.readString(Path.of("../../docs/sinks.md"));
    String section = page.substring(page.indexOf("\n## Syslog"));

    everyKeyIsIn(section, "", Sinks.config(""));
  }

  private static void everyKeyIsIn(String page, String prefix, Config config) {
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      if (entry.getValue() instanceof ConfigObject object) {
        everyKeyIsIn(page, prefix + entry.getKey() + ".", object.toConfig());
      } else {
        assertThat(page).contains("`" + prefix + entry.getKey() + "`");
      }
    }
  }

  private static String at(String more) {
    return "address = \"a:1\"\n" + more;
  }

  private static void refuses(String text, String reason) {
    assertThatThrownBy(() -> Sinks.open(text))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isTrue())
        .hasMessageContaining("sink test: ")
        .hasMessageContaining(reason);
  }
}
