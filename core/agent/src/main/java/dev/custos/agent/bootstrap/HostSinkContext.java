package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import dev.custos.spi.sink.SinkContext;
import java.time.Clock;

/** What one life of a sink is lent. */
record HostSinkContext(String name, Config config, Clock clock) implements SinkContext {}
