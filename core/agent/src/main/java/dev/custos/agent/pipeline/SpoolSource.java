package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolLog;
import dev.custos.agent.spool.SpoolLoss;
import dev.custos.agent.spool.SpoolReader;
import dev.custos.spi.event.IntegrityEvent;
import java.io.IOException;

/**
 * Takes events from a lane's spool and, while the disk takes none, those that queue behind it. What
 * is done with is acknowledged in the spool.
 */
final class SpoolSource implements EventSource, SpoolReader.Target {
  private final SinkLane lane;
  private final LaneSpool spool;
  // Of the worker's thread that reads.
  private EventBatch batch;
  private volatile int past;

  SpoolSource(SinkLane lane, LaneSpool spool) {
    this.lane = lane;
    this.spool = spool;
  }

  /** Events in the worker's hands that no spool holds. */
  int inFlightPast() {
    return past;
  }

  @Override
  public int drain(EventBatch target, int max) {
    long appends = spool.appends();
    SpoolLog log = spool.log();
    if (log != null) {
      batch = target;
      // An interrupt that was meant for a sink would close the file.
      Thread.interrupted();
      try {
        int n = log.reader().read(this, max);
        if (n > 0) {
          return n;
        }
      } catch (IOException e) {
        spool.tell(e);
        return 0;
      }
      if (log.isDirty()) {
        return 0;
      }
    }
    past = spool.takePast(target, max, appends);
    return past;
  }

  @Override
  public boolean isEmpty() {
    long appends = spool.appends();
    SpoolLog log = spool.log();
    if (log != null && log.reader().isReady()) {
      return false;
    }
    return (log != null && log.isDirty()) || !spool.isPassable(appends);
  }

  @Override
  public boolean isEnded() {
    return spool.isComplete();
  }

  @Override
  public void done(EventBatch from, int start, int end, boolean all) {
    if (past > 0) {
      past = all ? 0 : past - (end - start);
      return;
    }
    long events = 0;
    for (int i = start; i < end; i++) {
      events += from.mark(i).stands();
    }
    Thread.interrupted();
    try {
      spool.log().reader().acknowledge(from.mark(end - 1), events, all);
    } catch (IOException e) {
      // They may be sent again after a restart: a repeat, not a loss.
      spool.tell(e);
    }
  }

  @Override
  public byte[] buffer(int size) {
    return batch.buffer(size);
  }

  @Override
  public void event(
      int index,
      SpoolReader.Mark mark,
      IntegrityEvent event,
      String runId,
      boolean gap,
      int lineStart,
      int lineLength) {
    batch.set(index, event, runId, mark, gap, lineStart, lineLength);
  }

  @Override
  public void loss(int index, SpoolReader.Mark mark, SpoolLoss loss) {
    loss.count().ifPresent(lane.counters()::lost);
    IntegrityEvent event = Losses.ofSpool(lane.name(), lane.agent(), loss, lane.pipeline().now());
    batch.set(index, event, loss.runId(), mark, true, 0, -1);
  }
}
