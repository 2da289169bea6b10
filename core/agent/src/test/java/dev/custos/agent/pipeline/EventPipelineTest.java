package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventPipelineTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  private final RecordingListener listener = new RecordingListener();
  private final EventPipeline pipeline =
      new EventPipeline(TestEvents.ORIGIN, new OwnerFormats(), listener, Clock.systemUTC());

  @AfterEach
  void close() {
    pipeline.close(Duration.ofMillis(100));
  }

  private FakeSink add(String name, SinkPolicy policy) {
    FakeSink sink = new FakeSink();
    pipeline.addSink(name, sink, () -> sink, policy);
    return sink;
  }

  private static SinkPolicy policy(int capacity) {
    return new SinkPolicy(
        capacity,
        Optional.empty(),
        capacity,
        Duration.ofMillis(1),
        Duration.ofSeconds(10),
        new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(4), 2, Optional.empty()),
        0);
  }

  private static SinkPolicy impatient() {
    return new SinkPolicy(
        100,
        Optional.empty(),
        100,
        Duration.ZERO,
        Duration.ofMillis(40),
        new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(4), 2, Optional.empty()),
        0);
  }

  private static List<IntegrityEvent> changes(int from, int to) {
    List<IntegrityEvent> events = new ArrayList<>();
    for (int i = from; i < to; i++) {
      events.add(TestEvents.change(i));
    }
    return events;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        done = true;
      } catch (InterruptedException e) {
        // A sink that ignores being interrupted: just what the test is about.
      }
    }
  }

  /** A sink that takes its first batch and does not come back from it before it is let go. */
  private static CountDownLatch hold(FakeSink sink, CountDownLatch entered) {
    CountDownLatch release = new CountDownLatch(1);
    sink.behaviour =
        batch -> {
          entered.countDown();
          awaitQuietly(release);
          return WriteResult.accepted(batch.size());
        };
    return release;
  }

  @Test
  void eventsOfManyThreadsAreNumberedFromOneWithoutAHole() throws InterruptedException {
    FakeSink sink = add("console", policy(100_000));
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 2000; i += 4) {
                  pipeline.publish(TestEvents.change(i));
                  pipeline.publishAll(changes(i, i + 3));
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    await().atMost(WAIT).until(() -> sink.written.size() == 8000);
    assertThat(sink.sequences())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 8000).boxed().toList());
    assertThat(pipeline.published()).isEqualTo(8000);
  }

  @Test
  void whatDoesNotFitIsToldInItsPlaceWithItsCountAndTimes() throws InterruptedException {
    FakeSink sink = add("console", policy(4));
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = hold(sink, entered);
    pipeline.publish(TestEvents.change(1));
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    pipeline.publishAll(changes(2, 9)); // 2..5 fit, 6..8 do not
    release.countDown();
    await().atMost(WAIT).until(() -> sink.written.size() >= 6);
    pipeline.publish(TestEvents.change(9));
    await().atMost(WAIT).until(() -> sink.written.size() == 7);

    assertThat(sink.sequences()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 9L);
    EventsLost lost = (EventsLost) sink.written.get(5).event();
    assertThat(lost.reason()).isEqualTo(LossReason.SINK_QUEUE_FULL);
    assertThat(lost.count()).hasValue(3);
    assertThat(lost.from()).isEqualTo(TestEvents.START.plusMillis(6));
    assertThat(lost.to()).isEqualTo(TestEvents.START.plusMillis(8));
    assertThat(sink.written.get(5).key()).isEqualTo(pipeline.runId() + "-6-lost");
    assertThat(pipeline.sinks().get(0).counters().lost()).isEqualTo(3);
  }

  @Test
  void everyNumberIsEitherWrittenOrPartOfAToldGap() throws InterruptedException {
    FakeSink sink = add("console", policy(16));
    AtomicInteger writes = new AtomicInteger();
    sink.behaviour =
        batch -> {
          // Slow for some thousand cycles, so that the queue runs full again and again.
          for (int i = 0; i < 2000; i++) {
            Thread.onSpinWait();
          }
          writes.incrementAndGet();
          return WriteResult.accepted(batch.size());
        };
    for (int i = 0; i < 50_000; i += 5) {
      pipeline.publishAll(changes(i, i + 5));
    }
    pipeline.close(Duration.ofSeconds(10));
    long next = 1;
    long lost = 0;
    for (FakeSink.Written event : sink.written) {
      assertThat(event.sequence()).isEqualTo(next);
      long stands = event.event() instanceof EventsLost gap ? gap.count().orElseThrow() : 1;
      lost += event.event() instanceof EventsLost ? stands : 0;
      next += stands;
    }
    assertThat(next).isEqualTo(50_001);
    assertThat(lost).isEqualTo(pipeline.sinks().get(0).counters().lost());
  }

  @Test
  void aSlowSinkDelaysNeitherPublisherNorNeighbour() throws InterruptedException {
    FakeSink slow = add("slow", policy(4));
    FakeSink quick = add("quick", policy(1000));
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = hold(slow, entered);
    pipeline.publishAll(changes(0, 500));
    await().atMost(WAIT).until(() -> quick.written.size() == 500);
    assertThat(slow.written).isEmpty();
    release.countDown();
  }

  @Test
  void aTemporaryFailureIsTriedAgainUntilItWorksAndNothingIsLostOrDoubled() {
    FakeSink sink = add("siem", policy(100));
    AtomicInteger tries = new AtomicInteger();
    sink.behaviour =
        batch -> {
          if (tries.incrementAndGet() < 4) {
            throw SinkException.temporary("the peer is down", null);
          }
          return WriteResult.accepted(batch.size());
        };
    pipeline.publishAll(changes(0, 10));
    await().atMost(WAIT).until(() -> sink.written.size() == 10);
    assertThat(sink.sequences())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 10).boxed().toList());
    assertThat(listener.said).contains("failing siem: the peer is down", "recovered siem");
    assertThat(pipeline.sinks().get(0).counters().retried()).isEqualTo(30);
  }

  @Test
  void whatASinkDoesNotTakeIsOfferedAgainFromThereOn() {
    FakeSink sink = add("siem", policy(100));
    sink.behaviour =
        batch -> new WriteResult(Math.min(3, batch.size()), List.of(), Optional.empty());
    pipeline.publishAll(changes(0, 10));
    await().atMost(WAIT).until(() -> sink.written.size() == 10);
    assertThat(sink.sequences())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 10).boxed().toList());
  }

  @Test
  void aSinkThatThrowsWhatItMustNotIsTriedAgain() {
    FakeSink sink = add("siem", policy(100));
    AtomicInteger tries = new AtomicInteger();
    sink.behaviour =
        batch -> {
          if (tries.incrementAndGet() == 1) {
            throw new IllegalStateException("bug");
          }
          return WriteResult.accepted(batch.size());
        };
    pipeline.publish(TestEvents.change(0));
    await().atMost(WAIT).until(() -> sink.written.size() == 1);
    assertThat(listener.said).contains("failing siem: IllegalStateException: bug");
  }

  @Test
  void aSinkThatFailsForGoodIsClosedAndTheOthersHearOfIt() {
    FakeSink broken = add("broken", policy(100));
    FakeSink sound = add("sound", policy(100));
    broken.behaviour =
        batch -> {
          throw SinkException.permanent("the reader is gone", new IOException("Broken pipe"));
        };
    pipeline.publish(TestEvents.change(0));
    await().atMost(WAIT).until(() -> sound.written.size() == 2);
    await().atMost(WAIT).until(() -> broken.closed);
    assertThat(listener.said).contains("closed broken: the reader is gone");
    EventsLost lost = (EventsLost) sound.written.get(1).event();
    assertThat(lost.reason()).isEqualTo(LossReason.SINK_FAILED);
    assertThat(lost.count()).hasValue(1);
    assertThat(lost.detail()).isEqualTo("sink broken: the reader is gone");
    assertThat(pipeline.sinks()).extracting(SinkStatus::open).containsExactly(false, true);
    assertThat(pipeline.hasOpenSink()).isTrue();
  }

  @Test
  void aRefusedEventIsCountedAndToldOnceEvenIfTheTellingIsRefusedToo() {
    FakeSink sink = add("siem", policy(100));
    sink.behaviour =
        batch ->
            new WriteResult(
                batch.size(),
                IntStream.range(0, batch.size())
                    .mapToObj(i -> new WriteResult.Rejection(i, "too long"))
                    .toList(),
                Optional.empty());
    pipeline.publish(TestEvents.change(0));
    await().atMost(WAIT).until(() -> sink.written.size() == 2);
    pipeline.publish(TestEvents.change(1));
    await().atMost(WAIT).until(() -> sink.written.size() == 4);
    // A third report would have come before the second event was written.
    assertThat(sink.written)
        .extracting(w -> w.event().eventName())
        .containsExactly("MODIFY", "LOST", "MODIFY", "LOST");
    assertThat(pipeline.sinks().get(0).counters().rejected()).isEqualTo(4);
    assertThat(pipeline.sinks().get(0).counters().written()).isZero();
  }

  @Test
  void aWriteBeyondItsDeadlineIsInterruptedAndTriedAgain() {
    FakeSink sink = add("siem", impatient());
    AtomicInteger tries = new AtomicInteger();
    sink.behaviour =
        batch -> {
          if (tries.incrementAndGet() == 1) {
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              throw SinkException.temporary("interrupted", e);
            }
          }
          assertThat(Thread.currentThread().isInterrupted()).isFalse();
          return WriteResult.accepted(batch.size());
        };
    pipeline.publishAll(changes(0, 3));
    await().atMost(WAIT).until(() -> sink.written.size() == 3);
    assertThat(listener.said).anyMatch(said -> said.startsWith("stuck siem: does not answer"));
  }

  @Test
  void aSinkThatIgnoresInterruptsIsReplacedAndItsEventsAreWrittenByTheNewOne() {
    FakeSink stuck = new FakeSink();
    FakeSink fresh = new FakeSink();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = hold(stuck, entered);
    pipeline.addSink("siem", stuck, () -> fresh, impatient());
    pipeline.publishAll(changes(0, 3));
    await().atMost(WAIT).until(() -> fresh.written.size() == 3);
    pipeline.publish(TestEvents.change(3));
    await().atMost(WAIT).until(() -> fresh.written.size() == 4);
    assertThat(fresh.sequences()).containsExactly(1L, 2L, 3L, 4L);

    release.countDown();
    await().atMost(WAIT).until(() -> stuck.closed);
    assertThat(pipeline.sinks().get(0).counters().written()).isEqualTo(4);
  }

  @Test
  void aLimitEndsExactlyThere() {
    FakeSink sink = add("console", policy(100).withLimit(5));
    pipeline.publishAll(changes(0, 3));
    pipeline.publishAll(changes(3, 50));
    await().atMost(WAIT).until(() -> listener.said.contains("limit console"));
    assertThat(sink.sequences()).containsExactly(1L, 2L, 3L, 4L, 5L);
    await().atMost(WAIT).until(() -> sink.closed);
    assertThat(pipeline.sinks().get(0).counters().lost()).isZero();
  }

  @Test
  void closingWritesWhatWasPublishedBefore() {
    FakeSink sink = add("console", policy(100_000));
    pipeline.publishAll(changes(0, 50_000));
    pipeline.close(Duration.ofSeconds(10));
    assertThat(sink.written).hasSize(50_000);
    assertThat(sink.closed).isTrue();
    assertThat(pipeline.sinks().get(0).counters().lost()).isZero();
  }

  @Test
  void closingGivesUpOnASinkThatDoesNotAnswerAndCountsWhatIsLost() throws InterruptedException {
    FakeSink sink = add("console", policy(100));
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = hold(sink, entered);
    pipeline.publish(TestEvents.change(0));
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    pipeline.publishAll(changes(1, 10));
    long started = System.nanoTime();
    pipeline.close(Duration.ofMillis(50));
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
    assertThat(pipeline.sinks().get(0).counters().lost()).isEqualTo(10);
    release.countDown();
  }

  @Test
  void closingDoesNotWaitForTheNextTryOfAFailingSink() {
    FakeSink sink = new FakeSink();
    AtomicInteger tries = new AtomicInteger();
    sink.behaviour =
        batch -> {
          if (tries.incrementAndGet() == 1) {
            throw SinkException.temporary("down", null);
          }
          return WriteResult.accepted(batch.size());
        };
    SinkPolicy patient =
        new SinkPolicy(
            100,
            Optional.empty(),
            100,
            Duration.ZERO,
            Duration.ofSeconds(10),
            new RetryPolicy(Duration.ofMinutes(5), Duration.ofMinutes(5), 2, Optional.empty()),
            0);
    pipeline.addSink("siem", sink, () -> sink, patient);
    pipeline.publish(TestEvents.change(0));
    await().atMost(WAIT).until(() -> !listener.said.isEmpty());
    pipeline.close(Duration.ofSeconds(10));
    assertThat(sink.sequences()).containsExactly(1L);
  }

  @Test
  void eventsThatComeFastAreWrittenInBatches() {
    FakeSink sink = add("console", policy(100_000));
    for (int i = 0; i < 100_000; i += 10) {
      pipeline.publishAll(changes(i, i + 10));
    }
    await().atMost(WAIT).until(() -> sink.written.size() == 100_000);
    assertThat(sink.batches).hasSizeLessThan(5000);
  }
}
