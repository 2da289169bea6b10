package dev.custos.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  @Test
  void anAddressIsReadAsItIsWritten() {
    assertThat(HostPort.parse("localhost:9464", 1)).contains(new HostPort("localhost", 9464));
    assertThat(HostPort.parse("[::1]:0", 0)).contains(new HostPort("::1", 0));
    assertThat(new HostPort("::1", 7)).hasToString("[::1]:7");
    assertThat(new HostPort("h", 7)).hasToString("h:7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":", "h", "h:", ":1", "::1:9", "h:0", "h:65536", "h:-1", "h:1x", "[]:1"})
  void whatIsNoAddressIsRefused(String text) {
    assertThat(HostPort.parse(text, 1)).isEmpty();
  }

  @Test
  void metricsCanBeOff() {
    assertThat(MetricsSettings.parse("off")).contains(MetricsSettings.NONE);
    assertThat(MetricsSettings.parse("on")).isEmpty();
    assertThat(MetricsSettings.parse("h:0").orElseThrow().asked()).isTrue();
  }
}
