package dev.custos.inotify;

import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Collects what one turn of the loop has to say and publishes it at once. */
final class Reporter {
  private static final int AT_MOST = 4096;

  private final EventPublisher publisher;
  private final Clock clock;
  private final List<IntegrityEvent> batch = new ArrayList<>();
  private Instant now;
  private Instant drained;

  Reporter(EventPublisher publisher, Clock clock) {
    this.publisher = publisher;
    this.clock = clock;
    this.drained = clock.instant();
  }

  /** One reading of the clock serves all events of one read: the kernel gives them no time. */
  private Instant now() {
    if (now == null) {
      now = clock.instant();
    }
    return now;
  }

  void change(Subscription s, FilePath path, FilePath name, int mask, int cookie, boolean made) {
    batch.add(
        s.builder()
            .time(now())
            .kind(Mask.kind(mask))
            .path(path)
            .file(name)
            .fileType((mask & Mask.ISDIR) != 0 ? FileType.DIRECTORY : FileType.FILE)
            .cookie(cookie)
            .synthetic(made)
            .build());
    if (batch.size() >= AT_MOST) {
      publish();
    }
  }

  void lost(Subscription s, FilePath path, LossReason reason, String detail) {
    batch.add(
        EventsLost.builder(s.watch.subject(), s.target().origin())
            .time(now())
            .reason(reason)
            .path(path)
            .from(drained)
            .to(now())
            .detail(detail)
            .build());
  }

  /** The kernel's queue is empty: whatever is lost later was not lost before now. */
  void drained() {
    drained = now == null ? drained : now;
  }

  /** Ends a turn. */
  void flush() {
    publish();
    now = null;
  }

  private void publish() {
    if (!batch.isEmpty()) {
      publisher.publishAll(batch);
      batch.clear();
    }
  }
}
