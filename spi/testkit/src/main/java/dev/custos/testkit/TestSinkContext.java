package dev.custos.testkit;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.sink.SinkContext;
import java.time.Clock;
import java.util.Objects;

/** A host for one sink under test. */
public record TestSinkContext(String name, Config config, Clock clock) implements SinkContext {
  public TestSinkContext {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(clock, "clock");
  }

  /** A sink called {@code test} with this configuration, and the system's clock. */
  public static TestSinkContext of(Config config) {
    return new TestSinkContext("test", config, Clock.systemUTC());
  }

  /** The same with the configuration written as text: {@code format = json}. */
  public static TestSinkContext of(String config) {
    return of(ConfigFactory.parseString(config));
  }
}
