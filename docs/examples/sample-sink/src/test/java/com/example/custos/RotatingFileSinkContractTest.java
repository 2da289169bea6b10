package com.example.custos;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.testkit.SinkContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The promises that every sink keeps. */
class RotatingFileSinkContractTest extends SinkContract {
  @TempDir Path directory;

  @Override
  protected SinkProvider provider() {
    return new RotatingFileSinkProvider();
  }

  @Override
  protected Config config() {
    return ConfigFactory.parseMap(Map.of("path", directory.resolve("events").toString()));
  }

  @Override
  protected List<String> received(int atLeast) throws Exception {
    return Files.readAllLines(directory.resolve("events"));
  }
}
