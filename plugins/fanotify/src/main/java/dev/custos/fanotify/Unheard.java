package dev.custos.fanotify;

import com.typesafe.config.Config;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Coverage;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.IntegrityEvent;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/** A host's context whose events nobody hears: for a rehearsal. */
record Unheard(BackendContext host) implements BackendContext {
  @Override
  public Config config() {
    return host.config();
  }

  @Override
  public EventPublisher events() {
    return new EventPublisher() {
      @Override
      public void publish(IntegrityEvent event) {
        // Nothing happened that anybody should hear of.
      }

      @Override
      public void publishAll(List<? extends IntegrityEvent> events) {
        // Nothing happened that anybody should hear of.
      }
    };
  }

  @Override
  public Coverage coverage() {
    return host.coverage();
  }

  @Override
  public ThreadFactory threads() {
    return host.threads();
  }

  @Override
  public Clock clock() {
    return host.clock();
  }
}
