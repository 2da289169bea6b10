package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Coverage;
import dev.custos.spi.EventPublisher;
import java.time.Clock;
import java.util.concurrent.ThreadFactory;

/** What one life of a backend is lent. */
record HostContext(
    Config config, EventPublisher events, Coverage coverage, ThreadFactory threads, Clock clock)
    implements BackendContext {}
