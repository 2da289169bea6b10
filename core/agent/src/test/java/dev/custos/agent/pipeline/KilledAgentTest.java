package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.spool.FaultyDisk;
import dev.custos.agent.spool.SpoolDisk;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.sink.SinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files of a spool hold at the moment at which a publisher goes on. */
class KilledAgentTest {
  private static final Duration WAIT = Duration.ofSeconds(30);

  @TempDir Path temp;
  private final RecordingListener listener = new RecordingListener();
  private final List<EventPipeline> runs = new ArrayList<>();
  private final FaultyDisk disk = new FaultyDisk();

  @AfterEach
  void close() {
    disk.goOn();
    for (EventPipeline run : runs) {
      run.close(Duration.ofMillis(100));
    }
  }

  private EventPipeline run(String directory, FakeSink sink, SpoolDisk on, Duration hold)
      throws Exception {
    EventPipeline pipeline =
        new EventPipeline(
            TestEvents.ORIGIN, new OwnerFormats(), listener, Clock.systemUTC(), on, hold);
    runs.add(pipeline);
    SpoolPolicy spool =
        new SpoolPolicy(
            temp.resolve(directory), 64 << 20, Duration.ofDays(99_999), SpoolPolicy.Fsync.BATCH);
    SinkPolicy policy = SinkPolicy.DEFAULT.withSpool(spool);
    pipeline.reconfigure(List.of(new SinkSpec("siem", sink, () -> sink, policy, EventMatch.ALL)));
    return pipeline;
  }

  private static FakeSink refusing() {
    FakeSink sink = new FakeSink();
    sink.behaviour =
        batch -> {
          throw SinkException.temporary("down", null);
        };
    return sink;
  }

  private static List<IntegrityEvent> changes(int count) {
    List<IntegrityEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(TestEvents.change(i));
    }
    return events;
  }

  /** The files as a kill at this instant would leave them: what was written is in them. */
  private void copy(String from, String to) throws IOException {
    Path target = Files.createDirectory(temp.resolve(to));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
    try (Stream<Path> files = Files.list(temp.resolve(from))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void whatAReadBroughtIsInTheSpoolBeforeTheNextRead() throws Exception {
    SplittableRandom random = new SplittableRandom();
    EventPipeline pipeline = run("siem", refusing(), SpoolDisk.REAL, WAIT);
    for (int kill = 1; kill <= 20; kill++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        pipeline.publishAll(changes(1 + random.nextInt(2048)));
      }
      pipeline.publish(TestEvents.change(0));
      long published = pipeline.published();
      copy("siem", "copy" + kill);

      FakeSink sink = new FakeSink();
      run("copy" + kill, sink, SpoolDisk.REAL, WAIT);
      await().atMost(WAIT).until(() -> sink.written.size() > published);
      assertThat(sink.sequences())
          .isEqualTo(LongStream.rangeClosed(1, published + 1).boxed().toList());
      EventsLost lost = (EventsLost) sink.written.get((int) published).event();
      assertThat(lost.reason()).isEqualTo(LossReason.AGENT_DOWN);
      runs.remove(1).close();
    }
  }

  @Test
  void aDiskThatStallsHoldsUpAPublisherOnceForAMomentAndLosesNothing() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run("siem", sink, disk, Duration.ofMillis(100));
    pipeline.publishAll(changes(100));
    await().atMost(WAIT).until(() -> sink.written.size() == 100);
    disk.stall();
    long start = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      pipeline.publishAll(changes(10));
    }
    // Were each of them held up, it would be more than 100 s.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    disk.goOn();
    await().atMost(WAIT).until(() -> sink.written.size() == 10_100);
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(1, 10_100).boxed().toList());
    assertThat(pipeline.sinks().get(0).counters().lost()).isZero();
  }

  @Test
  void aDiskThatCantSyncIsToldAndWhatItTookIsSentAllTheSame() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run("siem", sink, disk, WAIT);
    disk.failSync(true);
    pipeline.publishAll(changes(100));
    await().atMost(WAIT).until(() -> sink.written.size() == 100);
    await()
        .atMost(WAIT)
        .until(() -> listener.said.contains("spool failing siem: Input/output error"));
    disk.failSync(false);
    pipeline.publishAll(changes(100));
    await().atMost(WAIT).until(() -> sink.written.size() == 200);
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(1, 200).boxed().toList());
  }

  @Test
  void aFaultThatNobodyReckonedWithIsToldAndStopsNoEvent() throws Exception {
    FakeSink sink = new FakeSink();
    EventPipeline pipeline = run("siem", sink, disk, WAIT);
    disk.breakWrites(true);
    pipeline.publishAll(changes(100));
    await().atMost(WAIT).until(() -> sink.written.size() == 100);
    assertThat(listener.said).contains("spool failing siem: broken");
    disk.breakWrites(false);
    pipeline.publishAll(changes(100));
    await().atMost(WAIT).until(() -> listener.said.contains("spool recovered siem"));
    await().atMost(WAIT).until(() -> sink.written.size() == 200);
    assertThat(sink.sequences()).isEqualTo(LongStream.rangeClosed(1, 200).boxed().toList());
  }

  @Test
  void aPublisherWaitsForTheDiskAndNoLonger() throws Exception {
    EventPipeline pipeline = run("siem", refusing(), disk, WAIT);
    disk.stall();
    Thread held = new Thread(() -> pipeline.publish(TestEvents.change(0)));
    held.start();
    await().atMost(WAIT).until(() -> pipeline.published() == 1);
    await().atMost(WAIT).until(() -> held.getState() == Thread.State.TIMED_WAITING);
    disk.goOn();
    held.join(WAIT.toMillis());
    assertThat(held.isAlive()).isFalse();
    for (int i = 0; i < 50; i++) {
      long before = spooled();
      pipeline.publish(TestEvents.change(0));
      assertThat(spooled()).isGreaterThan(before);
    }
  }

  private long spooled() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(temp.resolve("siem"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".seg")).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }
}
