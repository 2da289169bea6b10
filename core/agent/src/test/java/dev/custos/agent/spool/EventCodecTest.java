package dev.custos.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventCodecTest {
  private static final Instant TIME = Instant.parse("2026-01-31T12:00:00.123456789Z");
  private static final Subject SUBJECT =
      new Subject("JanusGuard", "shop", "wéb\n", 3, Map.of("tier", "prod", "", "x"));
  private static final Origin ORIGIN =
      new Origin("node", "shop", "web-1", "nginx", "containerd://c0ffee", Map.of("app", "web"));

  private static List<IntegrityEvent> one() {
    FilePath hostile =
        FilePath.ofBytes(new byte[] {'/', (byte) 0xff, '\n', 0x1b, '[', (byte) 0x80});
    return List.of(
        FileChanged.builder(SUBJECT, ORIGIN)
            .time(TIME)
            .kind(ChangeKind.MOVED_TO)
            .path(hostile)
            .file(FilePath.of("n"))
            .fileType(FileType.DIRECTORY)
            .cookie(-7)
            .synthetic(true)
            .build(),
        AccessDecided.builder(SUBJECT, ORIGIN)
            .time(TIME)
            .response(AccessDecided.Response.DENY)
            .kind(PermissionKind.OPEN_EXEC_PERM)
            .path(hostile)
            .rule("deny /etc")
            .process(
                new ProcessFacts(
                    OptionalInt.of(12), OptionalInt.empty(), hostile, "sh", "c1", true))
            .build(),
        AccessDecided.builder(SUBJECT, ORIGIN)
            .time(TIME)
            .response(AccessDecided.Response.ALLOW)
            .kind(PermissionKind.OPEN_PERM)
            .path(hostile)
            .build(),
        EventsLost.builder(SUBJECT, ORIGIN)
            .time(TIME)
            .reason(LossReason.UNGUARDED)
            .path(hostile)
            .count(5)
            .from(TIME.minusSeconds(9))
            .to(TIME)
            .detail("d")
            .build(),
        EventsLost.builder(SUBJECT, ORIGIN).time(TIME).reason(LossReason.AGENT_DOWN).build(),
        Finding.builder(SUBJECT, ORIGIN)
            .time(TIME)
            .rule("changed")
            .severity(Finding.Severity.CRITICAL)
            .path(hostile)
            .attributes(Map.of("sha256", "00", "size", "1"))
            .build(),
        ScanCompleted.builder(SUBJECT, ORIGIN)
            .time(TIME)
            .outcome(ScanCompleted.Outcome.ERRORED)
            .counts(1, 2, 3)
            .duration(Duration.ofSeconds(4, 5))
            .detail("why")
            .build());
  }

  private static byte[] encode(IntegrityEvent event) {
    RecordBuffer out = new RecordBuffer(16);
    new EventEncoder().encode(event, out);
    return out.toByteArray();
  }

  private static IntegrityEvent decode(EventDecoder decoder, byte[] bytes)
      throws UnreadableRecordException {
    RecordInput in = new RecordInput();
    in.set(bytes, 0, bytes.length);
    return decoder.decode(in, TIME);
  }

  @Test
  void anOriginThatAnEarlierVersionWroteHasNoContainerId() throws UnreadableRecordException {
    byte[] now =
        encode(
            FileChanged.builder(SUBJECT, new Origin("node", "shop", "web-1", "nginx", Map.of()))
                .time(TIME)
                .kind(ChangeKind.MODIFY)
                .path(FilePath.of("/a"))
                .build());
    RecordBuffer origin = new RecordBuffer(16);
    origin.putText("node");
    origin.putText("shop");
    origin.putText("web-1");
    origin.putText("nginx");
    origin.putMap(Map.of());
    RecordBuffer earlier = new RecordBuffer(16);
    earlier.putBytes(origin.toByteArray());
    origin.putText("");
    RecordBuffer later = new RecordBuffer(16);
    later.putBytes(origin.toByteArray());
    String before = new String(now, StandardCharsets.ISO_8859_1);
    String bytes =
        before.replace(
            new String(later.toByteArray(), StandardCharsets.ISO_8859_1),
            new String(earlier.toByteArray(), StandardCharsets.ISO_8859_1));
    assertThat(bytes).isNotEqualTo(before);
    IntegrityEvent event = decode(new EventDecoder(), bytes.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(event.origin().container()).isEqualTo("nginx");
    assertThat(event.origin().containerId()).isEmpty();
  }

  @Test
  void everyEventComesBackAsItWas() throws UnreadableRecordException {
    EventDecoder decoder = new EventDecoder();
    for (IntegrityEvent event : one()) {
      assertThat(decode(decoder, encode(event)))
          .usingRecursiveComparison()
          .ignoringFieldsMatchingRegexes(".*printable")
          .isEqualTo(event);
    }
  }

  @Test
  void eventsOfAlternatingOwnersKeepTheirs() throws UnreadableRecordException {
    EventEncoder encoder = new EventEncoder();
    EventDecoder decoder = new EventDecoder();
    Subject other = new Subject("ArgusWatcher", "", "b", 0, Map.of());
    for (int i = 0; i < 10; i++) {
      Subject subject = i % 3 == 0 ? SUBJECT : other;
      RecordBuffer out = new RecordBuffer(16);
      encoder.encode(
          FileChanged.builder(subject, i % 2 == 0 ? ORIGIN : Origin.ofNode("n"))
              .time(TIME)
              .kind(ChangeKind.OPEN)
              .path(FilePath.EMPTY)
              .build(),
          out);
      IntegrityEvent read = decode(decoder, out.toByteArray());
      assertThat(read.subject()).isEqualTo(subject);
      assertThat(read.origin().node()).isEqualTo(i % 2 == 0 ? "node" : "n");
    }
  }

  @Test
  void everyPrefixOfAnEventIsRefused() {
    for (IntegrityEvent event : one()) {
      byte[] whole = encode(event);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = java.util.Arrays.copyOf(whole, length);
        assertThatExceptionOfType(UnreadableRecordException.class)
            .isThrownBy(() -> decode(new EventDecoder(), cut));
      }
    }
  }

  @Test
  void garbageIsAnEventOrIsRefusedAndNothingElse() {
    SplittableRandom random = new SplittableRandom(42);
    EventDecoder decoder = new EventDecoder();
    int read = 0;
    for (int round = 0; round < 200_000; round++) {
      List<IntegrityEvent> events = one();
      byte[] bytes = encode(events.get(random.nextInt(events.size())));
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        // Must print, too: what it made up must be a whole event.
        assertThat(decode(decoder, bytes).eventName()).isNotEmpty();
        read++;
      } catch (UnreadableRecordException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
    assertThat(read).as("changes that hit a name or a number").isPositive();
  }

  @Test
  void anotherVersionIsRefusedByItsNumber() {
    byte[] bytes = encode(one().get(0));
    bytes[0] = 7;
    assertThatExceptionOfType(UnreadableRecordException.class)
        .isThrownBy(() -> decode(new EventDecoder(), bytes))
        .withMessageContaining("version 7");
  }

  /** They are stored as numbers: new ones come last, or the version changes. */
  @Test
  void theConstantsThatAreStoredKeepTheirNumbers() {
    assertThat(names(ChangeKind.values()))
        .startsWith(
            "ACCESS",
            "ATTRIB",
            "CLOSE_WRITE",
            "CLOSE_NOWRITE",
            "CREATE",
            "DELETE",
            "DELETE_SELF",
            "MODIFY",
            "MOVE_SELF",
            "MOVED_FROM",
            "MOVED_TO",
            "OPEN");
    assertThat(names(FileType.values())).startsWith("FILE", "DIRECTORY");
    assertThat(names(AccessDecided.Response.values())).startsWith("ALLOW", "DENY", "WOULD_DENY");
    assertThat(names(PermissionKind.values()))
        .startsWith("OPEN_PERM", "ACCESS_PERM", "OPEN_EXEC_PERM");
    assertThat(names(LossReason.values()))
        .startsWith(
            "KERNEL_QUEUE_OVERFLOW",
            "LIMIT_REACHED",
            "UNMOUNTED",
            "BACKEND_RESTARTED",
            "AGENT_DOWN",
            "SINK_QUEUE_FULL",
            "SINK_FAILED",
            "UNGUARDED");
    assertThat(names(Finding.Severity.values()))
        .startsWith("INFORMATIONAL", "NOTICE", "WARNING", "ERROR", "CRITICAL");
    assertThat(names(ScanCompleted.Outcome.values())).startsWith("SUCCEEDED", "FAILED", "ERRORED");
    assertThat(names(SpoolLoss.Cause.values()))
        .startsWith("FULL", "OLD", "DAMAGED", "UNREADABLE", "KILLED", "UNWRITTEN");
  }

  private static List<String> names(Enum<?>[] constants) {
    return java.util.Arrays.stream(constants).map(Enum::name).toList();
  }
}
