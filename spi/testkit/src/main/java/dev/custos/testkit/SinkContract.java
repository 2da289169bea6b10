package dev.custos.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.spi.sink.WriteResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Holds a sink that keeps one record for each event to what {@link dev.custos.spi.sink} promises. A
 * plugin's test extends this class and says how the sink is made and how to read back what arrived
 * at the other side.
 */
@Timeout(180)
public abstract class SinkContract {
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Instant NOON = Instant.parse("2026-06-15T12:00:00.123456789Z");
  private static final Subject WEB =
      new Subject("ArgusWatcher", "default", "web", 0, Map.of("team", "store"));
  private static final Origin POD =
      new Origin("node-1", "default", "web-1", "nginx", Map.of("app", "web"));

  private Sink sink;

  protected abstract SinkProvider provider();

  /** A configuration that works, and goes where {@link #received} looks. */
  protected abstract Config config();

  /**
   * Every record that arrived since the test began, in the order of arrival, without what separates
   * records. Asked for after {@code write} has returned; may wait for what is still on its way.
   * Whatever takes records at the other side must do so while {@code write} runs.
   *
   * @param atLeast how many records the test knows to be written
   */
  protected abstract List<String> received(int atLeast) throws Exception;

  @BeforeEach
  protected final void openTheSink() throws SinkException {
    sink = provider().open(TestSinkContext.of(config()));
  }

  @AfterEach
  protected final void closeTheSink() {
    if (sink != null) {
      sink.close();
    }
  }

  @Test
  protected void everyEventArrivesOnceAndInOrder() throws Exception {
    int sequence = 1;
    for (int size : new int[] {1, 2, 100, 1, 1000}) {
      List<RenderedEvent> batch = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        batch.add(creation(sequence, "file-" + sequence + ".end"));
        sequence++;
      }
      assertThat(sink.write(batch)).isEqualTo(WriteResult.accepted(size));
    }
    int written = sequence - 1;

    List<String> records = received(written);

    assertThat(records).hasSize(written);
    assertThat(IntStream.rangeClosed(1, written))
        .allSatisfy(i -> assertThat(records.get(i - 1)).contains("file-" + i + ".end"));
  }

  @Test
  protected void aLargeBatchArrivesWhole() throws Exception {
    String padding = "x".repeat(200);
    List<RenderedEvent> batch =
        IntStream.rangeClosed(1, 4096)
            .<RenderedEvent>mapToObj(i -> creation(i, padding + "-" + i + ".end"))
            .toList();
    int done = 0;

    while (done < batch.size()) {
      done += sink.write(batch.subList(done, batch.size())).done();
    }
    List<String> records = received(batch.size());

    assertThat(records).hasSize(batch.size());
    assertThat(records.get(4095)).contains("-4096.end");
  }

  @Test
  protected void aHostileNameIsOneRecordWithoutControlCharacters() throws Exception {
    List<byte[]> names =
        List.of(
            "new\nline\r\n".getBytes(StandardCharsets.UTF_8),
            "\u001b[2J\u0007".getBytes(StandardCharsets.UTF_8),
            "\u0085\u2028\u202e".getBytes(StandardCharsets.UTF_8),
            "quote\"d\\\t".getBytes(StandardCharsets.UTF_8),
            new byte[] {'b', (byte) 0xff, (byte) 0x9b, '3', '1', 'm'});
    List<RenderedEvent> batch = new ArrayList<>();
    for (byte[] name : names) {
      batch.add(event(batch.size() + 1, FilePath.ofBytes(name)));
    }

    sink.write(batch);
    List<String> records = received(batch.size());

    assertThat(records).hasSize(names.size());
    assertThat(records)
        .allSatisfy(
            record ->
                assertThat(record.codePoints().filter(SinkContract::unsafe).boxed())
                    .as(record)
                    .isEmpty());
  }

  private static boolean unsafe(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  @Test
  protected void everyKindOfEventArrives() throws Exception {
    FilePath path = FilePath.of("/data/told.end");
    List<IntegrityEvent> events =
        List.of(
            EventsLost.builder(WEB, POD)
                .time(NOON)
                .reason(LossReason.KERNEL_QUEUE_OVERFLOW)
                .path(path)
                .build(),
            AccessDecided.builder(WEB, POD)
                .time(NOON)
                .response(AccessDecided.Response.DENY)
                .kind(PermissionKind.OPEN_PERM)
                .path(path)
                .build(),
            Finding.builder(WEB, POD).time(NOON).rule("changed").path(path).build(),
            ScanCompleted.builder(WEB, POD)
                .time(NOON)
                .outcome(ScanCompleted.Outcome.SUCCEEDED)
                .build());
    List<RenderedEvent> batch = new ArrayList<>();
    for (IntegrityEvent event : events) {
      batch.add(TestRenderedEvent.of(event, batch.size() + 1));
    }

    sink.write(batch);
    List<String> records = received(batch.size());

    assertThat(records).hasSize(events.size());
    assertThat(records.get(0)).as("a loss").containsIgnoringCase("lost");
    assertThat(records.subList(0, 3)).allSatisfy(r -> assertThat(r).contains("told.end"));
  }

  @Test
  protected void aWriteOnAnInterruptedThreadEnds() throws Exception {
    AtomicReference<Throwable> unexpected = new AtomicReference<>();
    Thread writer =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              try {
                sink.write(List.of(creation(1, "interrupted")));
              } catch (SinkException e) {
                if (e.isPermanent()) {
                  unexpected.set(e);
                }
              } catch (RuntimeException e) {
                unexpected.set(e);
              }
            },
            "interrupted writer");

    writer.start();
    writer.join(DEADLINE.toMillis());

    assertThat(writer.isAlive()).as("still writes").isFalse();
    assertThat(unexpected.get()).isNull();
  }

  /**
   * Interrupting is how the host ends a write that takes too long: whatever was done stays done.
   */
  @Test
  protected void whatAnInterruptedWriteDidNotTakeArrivesWhenOfferedAgain() throws Exception {
    List<RenderedEvent> batch =
        IntStream.rangeClosed(1, 50).mapToObj(i -> creation(i, "file-" + i + ".end")).toList();
    int done = 0;

    Thread.currentThread().interrupt();
    try {
      done = sink.write(batch).done();
    } catch (SinkException e) {
      assertThat(e.isPermanent()).isFalse();
    } finally {
      // Whether the sink left the mark set is its own affair.
      Thread.interrupted();
    }
    Instant deadline = Instant.now().plus(DEADLINE);
    while (done < batch.size()) {
      done += offer(batch.subList(done, batch.size()), deadline);
    }
    List<String> records = received(batch.size());

    assertThat(IntStream.rangeClosed(1, batch.size()))
        .allSatisfy(
            i -> assertThat(records).anySatisfy(r -> assertThat(r).contains("file-" + i + ".end")));
  }

  private int offer(List<RenderedEvent> rest, Instant deadline) throws SinkException {
    try {
      return sink.write(rest).done();
    } catch (SinkException e) {
      if (e.isPermanent() || Instant.now().isAfter(deadline)) {
        throw e;
      }
      return 0;
    }
  }

  @Test
  protected void aLongNameIsOneRecord() throws Exception {
    // PATH_MAX and NAME_MAX, limits.h; each byte is escaped to four.
    byte[] name = new byte[4000];
    Arrays.fill(name, (byte) 0x1b);
    List<RenderedEvent> batch =
        List.of(
            creation(1, "first.end"), event(2, FilePath.ofBytes(name)), creation(3, "last.end"));

    WriteResult result = sink.write(batch);
    List<String> records = received(batch.size());

    assertThat(result).isEqualTo(WriteResult.accepted(3));
    assertThat(records).hasSize(3);
    assertThat(records.get(0)).contains("first.end");
    assertThat(records.get(2)).contains("last.end");
  }

  @Test
  protected void anotherSinkMayBeOpenedWhileOneIsOpen() throws Exception {
    try (Sink successor = provider().open(TestSinkContext.of(config()))) {
      sink.write(List.of(creation(1, "old.end")));
      sink.close();
      successor.write(List.of(creation(2, "new.end")));
    }

    assertThat(received(2)).hasSize(2).anySatisfy(r -> assertThat(r).contains("new.end"));
  }

  @Test
  protected void closingASinkThatNeverWroteSendsNothing() throws Exception {
    provider().open(TestSinkContext.of(config())).close();
    sink.write(List.of(creation(1, "only.end")));

    assertThat(received(1)).singleElement().asString().contains("only.end");
  }

  @Test
  protected void closingTwiceDoesNothing() throws Exception {
    sink.write(List.of(creation(1, "before.end")));

    sink.close();
    sink.close();

    assertThat(received(1)).singleElement().asString().contains("before.end");
  }

  @Test
  protected void anUnknownKeyIsRefusedByItsName() {
    Config wrong = config().withValue("no-such-key", ConfigValueFactory.fromAnyRef(1));

    SinkException refusal =
        catchThrowableOfType(
            SinkException.class, () -> provider().open(TestSinkContext.of(wrong)).close());

    assertThat(refusal).as("opens as if nothing were wrong").isNotNull();
    assertThat(refusal.isPermanent()).isTrue();
    assertThat(refusal).hasMessageContaining("no-such-key");
  }

  private static RenderedEvent creation(long sequence, String name) {
    return event(sequence, FilePath.of(name));
  }

  private static RenderedEvent event(long sequence, FilePath name) {
    FileChanged event =
        FileChanged.builder(WEB, POD)
            .time(NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"))
            .file(name)
            .build();
    return TestRenderedEvent.of(event, sequence);
  }
}
