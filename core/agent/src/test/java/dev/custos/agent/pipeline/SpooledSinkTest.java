package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sinks with a spool, over several runs of an agent. */
class SpooledSinkTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir Path temp;
  private final RecordingListener listener = new RecordingListener();
  private final List<EventPipeline> runs = new ArrayList<>();

  @AfterEach
  void close() {
    for (EventPipeline run : runs) {
      run.close(Duration.ofMillis(100));
    }
  }

  private EventPipeline run() {
    EventPipeline pipeline =
        new EventPipeline(TestEvents.ORIGIN, new OwnerFormats(), listener, Clock.systemUTC());
    runs.add(pipeline);
    return pipeline;
  }

  private SpoolPolicy spool(SpoolPolicy.Fsync fsync) {
    return new SpoolPolicy(temp.resolve("siem"), 64 << 20, Duration.ofDays(99_999), fsync);
  }

  private SinkPolicy policy() {
    return SinkPolicy.DEFAULT
        .withRetry(new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(4), 2, Optional.empty()))
        .withSpool(spool(SpoolPolicy.Fsync.BATCH));
  }

  private static SinkSpec spec(String name, FakeSink sink, SinkPolicy policy) {
    return new SinkSpec(name, sink, () -> sink, policy, EventMatch.ALL);
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

  private static void refuse(FakeSink sink) {
    sink.behaviour =
        batch -> {
          throw SinkException.temporary("the peer is down", null);
        };
  }

  @ParameterizedTest
  @EnumSource(SpoolPolicy.Fsync.class)
  void everythingArrivesInOrderThroughTheSpool(SpoolPolicy.Fsync fsync) throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("siem", sink, policy().withSpool(spool(fsync)))));
    int count = fsync == SpoolPolicy.Fsync.ALWAYS ? 50 : 20_000;
    for (int i = 0; i < count; i += 10) {
      pipeline.publishAll(changes(i, i + 10));
    }
    await().atMost(WAIT).until(() -> sink.written.size() == count);
    assertThat(sink.sequences()).isEqualTo(range(1, count));
    FakeSink.Written first = sink.written.get(0);
    assertThat(first.key()).isEqualTo(pipeline.runId() + "-1");
    assertThat(first.line()).isEqualTo("MODIFY file '/data/f0' (node-1:node-1) env=prod");
    SinkStatus status = pipeline.sinks().get(0);
    await().atMost(WAIT).until(() -> pipeline.sinks().get(0).queued() == 0);
    assertThat(status.offered()).isEqualTo(count);
    assertThat(status.counters().written()).isEqualTo(count);
    assertThat(status.spool()).isPresent();
  }

  @Test
  void whatOneRunCouldNotSendTheNextSendsUnderItsOldKeys() throws Exception {
    FakeSink dead = new FakeSink();
    refuse(dead);
    EventPipeline first = run();
    first.reconfigure(List.of(spec("siem", dead, policy())));
    first.publishAll(changes(0, 500));
    first.close(Duration.ofSeconds(30));
    assertThat(dead.written).isEmpty();
    assertThat(first.sinks().get(0).counters().lost()).isZero();

    FakeSink alive = new FakeSink();
    EventPipeline second = run();
    second.reconfigure(List.of(spec("siem", alive, policy())));
    second.publishAll(changes(500, 510));
    await().atMost(WAIT).until(() -> alive.written.size() == 510);
    List<String> keys = new ArrayList<>();
    for (long i = 1; i <= 500; i++) {
      keys.add(first.runId() + "-" + i);
    }
    for (long i = 1; i <= 10; i++) {
      keys.add(second.runId() + "-" + i);
    }
    assertThat(alive.written).extracting(FakeSink.Written::key).isEqualTo(keys);
    assertThat(alive.written.get(7).event())
        .usingRecursiveComparison()
        .ignoringFieldsMatchingRegexes(".*printable")
        .isEqualTo(TestEvents.change(7));
  }

  @Test
  void aDeadReceiverDoesNotHoldUpTheStop() throws Exception {
    FakeSink dead = new FakeSink();
    refuse(dead);
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("siem", dead, policy())));
    pipeline.publishAll(changes(0, 10));
    await().atMost(WAIT).until(() -> !listener.said.isEmpty());
    long start = System.nanoTime();
    pipeline.close(Duration.ofMinutes(10));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(2));
  }

  @Test
  void whatWasSentIsNotSentAgainAfterACleanStop() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline first = run();
    first.reconfigure(List.of(spec("siem", sink, policy())));
    first.publishAll(changes(0, 1000));
    await().atMost(WAIT).until(() -> sink.written.size() == 1000);
    first.close(Duration.ofSeconds(30));
    EventPipeline second = run();
    second.reconfigure(List.of(spec("siem", sink, policy())));
    second.publish(TestEvents.change(1000));
    await().atMost(WAIT).until(() -> sink.written.size() > 1000);
    assertThat(sink.written).hasSize(1001);
    assertThat(sink.written.get(1000).key()).isEqualTo(second.runId() + "-1");
  }

  @Test
  void aSinkThatHangsLosesNothingWhileItsSpoolHasRoom() throws Exception {
    FakeSink stuck = new FakeSink();
    FakeSink other = new FakeSink();
    CountDownLatch release = new CountDownLatch(1);
    stuck.behaviour =
        batch -> {
          awaitQuietly(release);
          return WriteResult.accepted(batch.size());
        };
    EventPipeline pipeline = run();
    pipeline.reconfigure(
        List.of(
            spec("siem", stuck, policy().withMemory(64)),
            spec("other", other, SinkPolicy.DEFAULT)));
    for (int i = 0; i < 5000; i += 20) {
      long before = spoolBytes(pipeline);
      pipeline.publishAll(changes(i, i + 20));
      // No faster than the disk takes it: that is what the memory is for.
      await()
          .atMost(WAIT)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> spoolBytes(pipeline) > before);
    }
    await().atMost(WAIT).until(() -> other.written.size() == 5000);
    release.countDown();
    await().atMost(WAIT).until(() -> stuck.written.size() == 5000);
    assertThat(stuck.sequences()).isEqualTo(range(1, 5000));
    assertThat(pipeline.sinks().get(0).counters().lost()).isZero();
  }

  private static long spoolBytes(EventPipeline pipeline) {
    return pipeline.sinks().get(0).spool().orElseThrow().bytes();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        done = true;
      } catch (InterruptedException e) {
        // A sink that ignores being interrupted.
      }
    }
  }

  @Test
  void aSinkThatIsReplacedGetsWhatTheOldOneHadInHand() throws Exception {
    FakeSink stuck = new FakeSink();
    FakeSink fresh = new FakeSink();
    CountDownLatch release = new CountDownLatch(1);
    stuck.behaviour =
        batch -> {
          awaitQuietly(release);
          return WriteResult.accepted(batch.size());
        };
    AtomicInteger opened = new AtomicInteger();
    EventPipeline pipeline = run();
    pipeline.reconfigure(
        List.of(
            new SinkSpec(
                "siem",
                "siem",
                () -> opened.incrementAndGet() == 1 ? stuck : fresh,
                policy().withWriteDeadline(Duration.ofMillis(40)),
                EventMatch.ALL)));
    pipeline.publishAll(changes(0, 300));
    await().atMost(WAIT).until(() -> fresh.written.size() == 300);
    assertThat(fresh.sequences()).isEqualTo(range(1, 300));
    release.countDown();
    await().atMost(WAIT).until(() -> stuck.closed);
  }

  @Test
  void aSinkThatFailsForGoodLeavesItsEventsForABetterOne() throws Exception {
    FakeSink broken = new FakeSink();
    broken.behaviour =
        batch -> {
          throw SinkException.permanent("wrong password", null);
        };
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("siem", broken, policy())));
    pipeline.publishAll(changes(0, 10));
    await().atMost(WAIT).until(() -> listener.said.contains("closed siem: wrong password"));
    pipeline.publishAll(changes(10, 20));
    assertThat(pipeline.hasOpenSink()).isFalse();

    FakeSink better = new FakeSink();
    SinkChanges changes = pipeline.reconfigure(List.of(spec("siem", better, policy())));
    assertThat(changes.changed()).containsExactly("siem");
    await().atMost(WAIT).until(() -> better.written.size() == 20);
    assertThat(better.sequences()).isEqualTo(range(1, 20));
    assertThat(pipeline.hasOpenSink()).isTrue();
  }

  @Test
  void aDirectoryThatMustNotBeUsedStopsTheChangeAndLeavesTheSinksThatAre() throws Exception {
    Path open = Files.createDirectory(temp.resolve("siem"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    FakeSink console = new FakeSink();
    FakeSink siem = new FakeSink();
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("console", console, SinkPolicy.DEFAULT)));
    assertThatExceptionOfType(SinkOpenException.class)
        .isThrownBy(() -> pipeline.reconfigure(List.of(spec("siem", siem, policy()))))
        .withMessageStartingWith("sink siem can't be opened: ")
        .withMessageContaining("chmod 700");
    assertThat(siem.closed).isTrue();
    pipeline.publish(TestEvents.change(1));
    await().atMost(WAIT).until(() -> console.written.size() == 1);
  }

  @Test
  void aSpoolOfAnotherSinkIsRefused() throws Exception {
    EventPipeline pipeline = run();
    assertThatExceptionOfType(SinkOpenException.class)
        .isThrownBy(
            () ->
                pipeline.reconfigure(
                    List.of(
                        spec("a", new FakeSink(), policy()), spec("b", new FakeSink(), policy()))))
        .withMessageContaining("is in use by another sink");
    // Nothing of the failed change is left behind.
    pipeline.reconfigure(List.of(spec("a", new FakeSink(), policy())));
  }

  @Test
  void otherBoundsOfASpoolAreTakenOverWithoutALoss() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("siem", sink, policy())));
    List<SpoolPolicy.Fsync> modes = List.copyOf(EnumSet.allOf(SpoolPolicy.Fsync.class));
    for (int i = 0; i < 3000; i += 100) {
      SpoolPolicy.Fsync fsync = modes.get(i / 100 % 3);
      SpoolPolicy bounds =
          new SpoolPolicy(temp.resolve("siem"), (20L + i) << 20, Duration.ofDays(99_999), fsync);
      pipeline.publishAll(changes(i, i + 50));
      pipeline.reconfigure(List.of(spec("siem", sink, policy().withSpool(bounds))));
      pipeline.publishAll(changes(i + 50, i + 100));
    }
    await().atMost(WAIT).until(() -> sink.written.size() == 3000);
    assertThat(sink.sequences()).isEqualTo(range(1, 3000));
  }

  @Test
  void aFullSpoolDropsTheOldestAndSaysHowMany() throws Exception {
    FakeSink sink = new FakeSink();
    refuse(sink);
    SpoolPolicy small =
        new SpoolPolicy(
            temp.resolve("siem"), 1 << 20, Duration.ofDays(99_999), SpoolPolicy.Fsync.NONE);
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("siem", sink, policy().withSpool(small))));
    for (int i = 0; i < 20_000; i += 100) {
      pipeline.publishAll(changes(i, i + 100));
    }
    // Let all of it reach the spool, then the receiver.
    await().atMost(WAIT).until(() -> spoolBytes(pipeline) > (1 << 20) - (80 << 10));
    sink.behaviour = batch -> WriteResult.accepted(batch.size());
    await().atMost(WAIT).until(() -> !sink.written.isEmpty() && lastSequence(sink) == 20_000);
    assertEveryNumberWrittenOrTold(sink, 20_000);
    assertThat(sink.written)
        .anySatisfy(
            written -> {
              assertThat(written.event()).isInstanceOf(EventsLost.class);
              EventsLost lost = (EventsLost) written.event();
              assertThat(lost.reason()).isEqualTo(LossReason.SINK_QUEUE_FULL);
              assertThat(lost.detail())
                  .isEqualTo("sink siem: its spool was full; the oldest events were dropped");
              assertThat(written.key()).endsWith("-lost");
              assertThat(written.line()).contains("count=").contains("from=");
            });
  }

  private static long lastSequence(FakeSink sink) {
    return sink.written.get(sink.written.size() - 1).sequence();
  }

  static void assertEveryNumberWrittenOrTold(FakeSink sink, long last) {
    long next = 1;
    for (FakeSink.Written written : sink.written) {
      assertThat(written.sequence()).isEqualTo(next);
      next += written.event() instanceof EventsLost lost ? lost.count().orElseThrow() : 1;
    }
    assertThat(next).isEqualTo(last + 1);
  }

  @Test
  void anEventTooLongForTheSpoolIsToldInItsPlace() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run();
    pipeline.reconfigure(List.of(spec("siem", sink, policy())));
    pipeline.publish(TestEvents.change(0));
    pipeline.publish(
        EventsLost.builder(TestEvents.SUBJECT, TestEvents.ORIGIN)
            .time(TestEvents.START)
            .reason(LossReason.LIMIT_REACHED)
            .detail("x".repeat(300_000))
            .build());
    pipeline.publish(TestEvents.change(2));
    await().atMost(WAIT).until(() -> sink.written.size() == 3);
    assertThat(sink.sequences()).containsExactly(1L, 2L, 3L);
    EventsLost lost = (EventsLost) sink.written.get(1).event();
    assertThat(lost.count()).hasValue(1);
    assertThat(lost.detail()).contains("too long for its spool");
  }
}
