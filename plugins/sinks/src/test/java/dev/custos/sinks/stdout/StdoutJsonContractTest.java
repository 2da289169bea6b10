package dev.custos.sinks.stdout;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

class StdoutJsonContractTest extends StdoutTextContractTest {
  @Override
  protected Config config() {
    return ConfigFactory.parseString("format = json");
  }
}
