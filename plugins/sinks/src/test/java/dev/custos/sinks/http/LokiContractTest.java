package dev.custos.sinks.http;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;

class LokiContractTest extends NdjsonContractTest {
  @Override
  String encoding() {
    return "loki";
  }

  @Override
  TestReceiver.Behaviour answer() {
    return TestReceiver.status(204);
  }

  @Override
  List<String> records(String body) {
    List<String> lines = new ArrayList<>();
    for (Config stream : Sinks.config(body).getConfigList("streams")) {
      for (ConfigValue value : stream.getList("values")) {
        lines.add((String) ((List<?>) value.unwrapped()).get(1));
      }
    }
    return lines;
  }
}
