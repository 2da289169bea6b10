package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A spool on a disk without room. */
class FullDiskTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  @TempDir Path temp;
  private final RecordingListener listener = new RecordingListener();
  private final List<EventPipeline> runs = new ArrayList<>();
  private SmallDisk disk;

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.mount(temp.resolve("disk"), "2m");
  }

  @AfterEach
  void close() throws Exception {
    for (EventPipeline run : runs) {
      run.close(Duration.ofMillis(100));
    }
    if (disk != null) {
      disk.close();
    }
  }

  private EventPipeline run(FakeSink sink, int memory) throws SinkOpenException {
    EventPipeline pipeline =
        new EventPipeline(TestEvents.ORIGIN, new OwnerFormats(), listener, Clock.systemUTC());
    runs.add(pipeline);
    SpoolPolicy spool =
        new SpoolPolicy(
            temp.resolve("disk/siem"), 64 << 20, Duration.ofDays(99_999), SpoolPolicy.Fsync.BATCH);
    SinkPolicy policy =
        SinkPolicy.DEFAULT
            .withMemory(memory)
            .withRetry(
                new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(4), 2, Optional.empty()))
            .withSpool(spool);
    pipeline.reconfigure(List.of(new SinkSpec("siem", sink, () -> sink, policy, EventMatch.ALL)));
    return pipeline;
  }

  private static List<IntegrityEvent> changes(int from, int to) {
    List<IntegrityEvent> events = new ArrayList<>();
    for (int i = from; i < to; i++) {
      events.add(TestEvents.change(i));
    }
    return events;
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  private void awaitSaid(String what) {
    await().atMost(WAIT).until(() -> listener.said.stream().anyMatch(s -> s.startsWith(what)));
  }

  @Test
  void eventsPassThroughMemoryWhileTheDiskIsFullAndThroughTheSpoolAfterwards() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run(sink, 65_536);
    pipeline.publishAll(changes(0, 100));
    await().atMost(WAIT).until(() -> sink.written.size() == 100);
    disk.fill();
    for (int i = 100; i < 20_000; i += 50) {
      pipeline.publishAll(changes(i, i + 50));
    }
    await().atMost(WAIT).until(() -> sink.written.size() == 20_000);
    awaitSaid("spool failing siem");
    assertThat(listener.said).anyMatch(s -> s.contains("No space left on device"));
    disk.clear();
    // It heals without anybody's help, with the next events at the latest.
    await()
        .atMost(WAIT)
        .until(
            () -> {
              pipeline.publish(TestEvents.change(1));
              return listener.said.contains("spool recovered siem");
            });
    long all = pipeline.published();
    await().atMost(WAIT).until(() -> sink.written.size() == all);
    assertThat(sink.sequences()).isEqualTo(range(1, all));
    assertThat(pipeline.sinks().get(0).counters().lost()).isZero();
    assertThat(pipeline.sinks().get(0).spool().orElseThrow().failing()).isFalse();
  }

  @Test
  void withTheReceiverDownTooWhatFitsNowhereIsToldWithItsCountAndTheReason() throws Exception {
    FakeSink sink = new FakeSink();
    sink.behaviour =
        batch -> {
          throw SinkException.temporary("down", null);
        };
    EventPipeline pipeline = run(sink, 500);
    pipeline.publishAll(changes(0, 100));
    disk.fill();
    for (int i = 100; i < 20_000; i += 100) {
      pipeline.publishAll(changes(i, i + 100));
    }
    awaitSaid("spool failing siem");
    sink.behaviour = batch -> WriteResult.accepted(batch.size());
    disk.clear();
    await()
        .atMost(WAIT)
        .until(
            () -> {
              pipeline.publish(TestEvents.change(1));
              return !sink.written.isEmpty() && listener.said.contains("spool recovered siem");
            });
    long all = pipeline.published();
    await().atMost(WAIT).until(() -> reached(sink, all));
    SpooledSinkTest.assertEveryNumberWrittenOrTold(sink, all);
    assertThat(sink.written)
        .filteredOn(w -> w.event() instanceof EventsLost)
        .isNotEmpty()
        .anySatisfy(w -> assertThat(w.line()).contains("No space left on device"));
  }

  private static boolean reached(FakeSink sink, long last) {
    FakeSink.Written written = sink.written.get(sink.written.size() - 1);
    long stands = written.event() instanceof EventsLost lost ? lost.count().orElseThrow() : 1;
    return written.sequence() + stands - 1 == last;
  }

  @Test
  void aStartOnAFullDiskWorksAndTheSpoolIsMadeOnceThereIsRoom() throws Exception {
    disk.fill();
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run(sink, 65_536);
    pipeline.publishAll(changes(0, 1000));
    await().atMost(WAIT).until(() -> sink.written.size() == 1000);
    disk.clear();
    await()
        .atMost(WAIT)
        .until(
            () -> {
              pipeline.publish(TestEvents.change(1));
              return listener.said.contains("spool recovered siem");
            });
    long all = pipeline.published();
    await().atMost(WAIT).until(() -> sink.written.size() == all);
    assertThat(sink.sequences()).isEqualTo(range(1, all));
  }

  @Test
  void whatCouldNotBeSpooledByTheStopIsToldByTheNextRun() throws Exception {
    FakeSink dead = new FakeSink();
    dead.behaviour =
        batch -> {
          throw SinkException.temporary("down", null);
        };
    EventPipeline first = run(dead, 65_536);
    first.publishAll(changes(0, 100));
    await().atMost(WAIT).until(() -> first.sinks().get(0).spool().orElseThrow().bytes() > 4000);
    disk.fill();
    for (int i = 100; i < 20_000; i += 100) {
      first.publishAll(changes(i, i + 100));
    }
    awaitSaid("spool failing siem");
    first.close(Duration.ofMillis(500));
    disk.clear();

    FakeSink alive = new FakeSink();
    EventPipeline second = run(alive, 65_536);
    second.publish(TestEvents.change(0));
    await()
        .atMost(WAIT)
        .until(() -> alive.written.stream().anyMatch(w -> w.key().equals(second.runId() + "-1")));
    List<FakeSink.Written> losses =
        alive.written.stream().filter(w -> w.event() instanceof EventsLost).toList();
    assertThat(losses).isNotEmpty();
    assertThat(losses.get(0).key()).startsWith(first.runId());
    // All before the loss came, and the loss begins right after.
    long told = losses.get(0).sequence();
    List<Long> before = new ArrayList<>();
    for (FakeSink.Written written : alive.written) {
      if (written.event() instanceof EventsLost) {
        break;
      }
      before.add(written.sequence());
    }
    assertThat(before).isEqualTo(range(1, told - 1));
  }
}
