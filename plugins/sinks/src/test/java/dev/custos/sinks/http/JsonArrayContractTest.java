package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

class JsonArrayContractTest extends NdjsonContractTest {
  @Override
  String encoding() {
    return "json-array";
  }

  @Override
  String more() {
    return "compression = gzip, max-request-events = 7";
  }

  @Override
  List<String> records(String body) {
    assertThat(body).startsWith("[").endsWith("]");
    return Arrays.asList(body.substring(1, body.length() - 1).split(",\n"));
  }
}
