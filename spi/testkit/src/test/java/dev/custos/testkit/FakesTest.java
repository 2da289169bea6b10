package dev.custos.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class FakesTest {
  private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");
  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void aManualClockMovesByHandAloneAndInEveryZone() {
    ManualClock clock = ManualClock.at(NOON);
    var elsewhere = clock.withZone(ZoneId.of("Asia/Tokyo"));

    clock.advance(Duration.ofMinutes(1));
    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(60));
    assertThat(elsewhere.instant()).isEqualTo(NOON.plusSeconds(60));
    clock.set(NOON);
    assertThat(elsewhere.instant()).isEqualTo(NOON);
  }

  @Test
  void anEventThatComesLaterEndsTheWait() throws Exception {
    RecordingPublisher publisher = new RecordingPublisher();
    Thread later = new Thread(() -> publisher.publish(event("late")));
    later.start();

    IntegrityEvent found = publisher.awaitEvent(e -> e.file().equals(FilePath.of("late")), SOON);

    later.join();
    assertThat(found).isSameAs(publisher.events().get(0));
  }

  @Test
  void anEventThatNeverComesIsAFailureThatListsWhatCame() {
    RecordingPublisher publisher = new RecordingPublisher();
    publisher.publish(event("other"));

    assertThatThrownBy(() -> publisher.awaitEvent(e -> false, Duration.ofMillis(1)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("CREATE file /data: other");
  }

  @Test
  void aListOfEventsMayBeUsedAgainByItsPublisher() {
    RecordingPublisher publisher = new RecordingPublisher();
    List<IntegrityEvent> batch = new ArrayList<>(List.of(event("a"), event("b")));

    publisher.publishAll(batch);
    batch.clear();

    assertThat(publisher.events())
        .extracting(EventText::brief)
        .containsExactly("CREATE file /data: a", "CREATE file /data: b");
    publisher.clear();
    assertThat(publisher.events()).isEmpty();
  }

  @Test
  void aThreadThatIsLeftBehindIsFound() throws Exception {
    TestBackendContext context = TestBackendContext.builder().build();
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        context
            .threads()
            .newThread(
                () -> {
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    thread.start();

    assertThat(context.liveThreads()).containsExactly(thread);
    assertThatThrownBy(() -> context.assertThreadsEnded(Duration.ofMillis(1)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(thread.getName());
    end.countDown();
    context.assertThreadsEnded(SOON);
    assertThat(context.liveThreads()).isEmpty();
  }

  @Test
  void aThreadThatDiedOfAnExceptionIsFound() throws Exception {
    TestBackendContext context = TestBackendContext.builder().build();
    Thread thread =
        context
            .threads()
            .newThread(
                () -> {
                  throw new IllegalStateException("by design");
                });
    thread.start();
    thread.join();

    assertThatThrownBy(() -> context.assertThreadsEnded(SOON)).hasRootCauseMessage("by design");
  }

  private static IntegrityEvent event(String name) {
    return FileChanged.builder(WatchBench.subject("web"), Origin.ofNode("node"))
        .time(NOON)
        .kind(ChangeKind.CREATE)
        .path(FilePath.of("/data"))
        .file(FilePath.of(name))
        .build();
  }
}
