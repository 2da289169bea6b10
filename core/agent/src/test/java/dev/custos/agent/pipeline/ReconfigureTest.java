package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Other sinks for a pipeline that runs. */
class ReconfigureTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  private final RecordingListener listener = new RecordingListener();
  private final EventPipeline pipeline =
      new EventPipeline(TestEvents.ORIGIN, new OwnerFormats(), listener, Clock.systemUTC());
  private final AtomicInteger opened = new AtomicInteger();

  @AfterEach
  void close() {
    pipeline.close(Duration.ofMillis(100));
  }

  private SinkSpec spec(String name, FakeSink sink, SinkPolicy policy) {
    return new SinkSpec(
        name,
        System.identityHashCode(sink),
        () -> {
          opened.incrementAndGet();
          return sink;
        },
        policy,
        EventMatch.ALL);
  }

  private SinkSpec spec(String name, FakeSink sink) {
    return spec(name, sink, SinkPolicy.DEFAULT);
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

  @Test
  void aSinkThatStaysAsItIsKeepsItsConnection() throws Exception {
    FakeSink stays = new FakeSink();
    FakeSink goes = new FakeSink();
    FakeSink comes = new FakeSink();
    pipeline.reconfigure(List.of(spec("stays", stays), spec("goes", goes)));
    pipeline.publishAll(changes(0, 100));
    SinkChanges changes = pipeline.reconfigure(List.of(spec("stays", stays), spec("comes", comes)));
    pipeline.publishAll(changes(100, 200));
    assertThat(changes)
        .isEqualTo(new SinkChanges(List.of("comes"), List.of(), List.of("goes"), List.of("stays")));
    await().atMost(WAIT).until(() -> stays.written.size() == 200);
    await().atMost(WAIT).until(() -> comes.written.size() == 100);
    await().atMost(WAIT).until(() -> goes.closed);
    assertThat(goes.sequences()).as("what it had before").isEqualTo(range(1, 100));
    assertThat(comes.sequences()).isEqualTo(range(101, 200));
    assertThat(stays.closed).isFalse();
    assertThat(opened).hasValue(3);
    assertThat(pipeline.sinks()).extracting(SinkStatus::name).containsExactly("stays", "comes");
  }

  @Test
  void aChangedSinkTakesOverTheQueueOfTheOneBefore() throws Exception {
    FakeSink down = new FakeSink();
    down.behaviour =
        batch -> {
          throw SinkException.temporary("wrong address", null);
        };
    FakeSink right = new FakeSink();
    SinkPolicy patient =
        SinkPolicy.DEFAULT.withRetry(
            new RetryPolicy(Duration.ofMinutes(5), Duration.ofMinutes(5), 1, Optional.empty()));
    pipeline.reconfigure(List.of(spec("siem", down, patient)));
    pipeline.publishAll(changes(0, 100));
    await().atMost(WAIT).until(() -> !listener.said.isEmpty());
    pipeline.publishAll(changes(100, 300));
    SinkChanges changes = pipeline.reconfigure(List.of(spec("siem", right)));
    pipeline.publishAll(changes(300, 310));
    assertThat(changes.changed()).containsExactly("siem");
    await().atMost(WAIT).until(() -> right.written.size() == 310);
    assertThat(right.sequences()).isEqualTo(range(1, 310));
    await().atMost(WAIT).until(() -> down.closed);
    assertThat(pipeline.sinks().get(0).counters().lost()).isZero();
  }

  @Test
  void anotherPolicyOrMatchNeedsNoNewConnection() throws Exception {
    FakeSink sink = new FakeSink();
    pipeline.reconfigure(List.of(spec("siem", sink)));
    pipeline.reconfigure(List.of(spec("siem", sink, SinkPolicy.DEFAULT.withMaxBatch(3))));
    pipeline.publishAll(changes(0, 30));
    await().atMost(WAIT).until(() -> sink.written.size() == 30);
    assertThat(sink.batches).allMatch(size -> size <= 3);
    SinkSpec guards =
        new SinkSpec(
            "siem",
            System.identityHashCode(sink),
            () -> sink,
            SinkPolicy.DEFAULT,
            new EventMatch(Set.of(EventMatch.Kind.GUARD), Map.of(), Map.of(), Set.of()));
    pipeline.reconfigure(List.of(guards));
    pipeline.publishAll(changes(30, 60));
    assertThat(pipeline.sinks().get(0).offered()).isEqualTo(30);
    assertThat(opened).hasValue(1);
    assertThat(sink.closed).isFalse();
  }

  @Test
  void ifOneSinkCanNotBeHadNothingChanges() throws Exception {
    FakeSink first = new FakeSink();
    FakeSink second = new FakeSink();
    pipeline.reconfigure(List.of(spec("first", first)));
    SinkSpec broken =
        new SinkSpec(
            "broken",
            "broken",
            () -> {
              throw SinkException.permanent("no such file: /etc/ca.pem", null);
            },
            SinkPolicy.DEFAULT,
            EventMatch.ALL);
    assertThatExceptionOfType(SinkOpenException.class)
        .isThrownBy(() -> pipeline.reconfigure(List.of(spec("second", second), broken)))
        .withMessage("sink broken can't be opened: no such file: /etc/ca.pem");
    assertThat(second.closed).isTrue();
    pipeline.publish(TestEvents.change(0));
    await().atMost(WAIT).until(() -> first.written.size() == 1);
    assertThat(first.closed).isFalse();
    assertThat(pipeline.sinks()).extracting(SinkStatus::name).containsExactly("first");
  }

  @Test
  void noEventIsLostOrDoubledHoweverOftenSinksChange() throws Exception {
    List<FakeSink> sinks = new ArrayList<>();
    Thread publisher =
        new Thread(
            () -> {
              for (int i = 0; i < 20_000; i += 5) {
                pipeline.publishAll(changes(i, i + 5));
              }
            });
    sinks.add(new FakeSink());
    pipeline.reconfigure(List.of(spec("siem", sinks.get(0))));
    publisher.start();
    for (int i = 1; i < 30; i++) {
      sinks.add(new FakeSink());
      pipeline.reconfigure(List.of(spec("siem", sinks.get(i))));
    }
    publisher.join();
    await()
        .atMost(WAIT)
        .until(() -> sinks.stream().mapToInt(sink -> sink.written.size()).sum() == 20_000);
    List<Long> all = new ArrayList<>();
    sinks.forEach(sink -> all.addAll(sink.sequences()));
    assertThat(all).isEqualTo(range(1, 20_000));
    for (FakeSink old : sinks.subList(0, 29)) {
      await().atMost(WAIT).until(() -> old.closed || old.written.isEmpty());
    }
  }

  @Test
  void givenUpEventsAreToldWithTheirNumbersAndTheNextOnesTried() throws Exception {
    FakeSink picky = new FakeSink();
    FakeSink other = new FakeSink();
    picky.behaviour =
        batch -> {
          if (batch.get(0).sequence() <= 3) {
            throw SinkException.temporary("not this one", null);
          }
          return WriteResult.accepted(batch.size());
        };
    RetryPolicy shortly =
        new RetryPolicy(
            Duration.ofMillis(1), Duration.ofMillis(2), 2, Optional.of(Duration.ofMillis(20)));
    pipeline.reconfigure(
        List.of(spec("picky", picky, SinkPolicy.DEFAULT.withRetry(shortly)), spec("other", other)));
    pipeline.publishAll(changes(0, 3));
    await().atMost(WAIT).until(() -> other.written.size() == 4);
    pipeline.publish(TestEvents.change(3));
    await().atMost(WAIT).until(() -> picky.written.size() == 2);
    assertThat(picky.sequences()).containsExactly(4L, 5L);
    assertThat(other.written.get(3).line())
        .contains("count=3")
        .contains("sink picky: given up after trying for 20 ms: not this one; sequence 1 to 3");
    assertThat(pipeline.sinks().get(0).counters().lost()).isEqualTo(3);
    assertThat(pipeline.sinks().get(0).counters().lastError()).isEqualTo("not this one");
  }
}
