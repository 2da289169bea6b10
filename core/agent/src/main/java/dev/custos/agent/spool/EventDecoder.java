package dev.custos.agent.spool;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads what {@link EventEncoder} wrote. Whatever the bytes are, it returns an event or throws
 * {@link UnreadableRecordException}. Not thread-safe.
 */
final class EventDecoder {
  private static final ChangeKind[] CHANGES = ChangeKind.values();
  private static final FileType[] FILE_TYPES = FileType.values();
  private static final AccessDecided.Response[] RESPONSES = AccessDecided.Response.values();
  private static final PermissionKind[] PERMISSIONS = PermissionKind.values();
  private static final LossReason[] REASONS = LossReason.values();
  private static final Finding.Severity[] SEVERITIES = Finding.Severity.values();
  private static final ScanCompleted.Outcome[] OUTCOMES = ScanCompleted.Outcome.values();

  private final RecordInput owner = new RecordInput();
  private byte[] subjectBytes = new byte[0];
  private Subject subject;
  private byte[] originBytes = new byte[0];
  private Origin origin;

  /** Reads one event that takes all of {@code in}. */
  IntegrityEvent decode(RecordInput in, Instant time) throws UnreadableRecordException {
    int version = in.getByte();
    if (version != EventEncoder.VERSION) {
      throw new UnreadableRecordException(
          "it is of version " + version + ", and this agent knows " + EventEncoder.VERSION);
    }
    int type = in.getByte();
    readSubject(in);
    readOrigin(in);
    IntegrityEvent event =
        switch (type) {
          case EventEncoder.FILE_CHANGED -> fileChanged(in, time);
          case EventEncoder.ACCESS_DECIDED -> accessDecided(in, time);
          case EventEncoder.EVENTS_LOST -> eventsLost(in, time);
          case EventEncoder.FINDING -> finding(in, time);
          case EventEncoder.SCAN_COMPLETED -> scanCompleted(in, time);
          default -> throw new UnreadableRecordException("its type " + type + " is not known");
        };
    if (in.remaining() > 0) {
      throw new UnreadableRecordException("more follows its end");
    }
    return event;
  }

  private FileChanged fileChanged(RecordInput in, Instant time) throws UnreadableRecordException {
    return FileChanged.builder(subject, origin)
        .time(time)
        .kind(in.getConstant(CHANGES))
        .fileType(in.getConstant(FILE_TYPES))
        .synthetic(in.getByte() != 0)
        .cookie(in.getInt())
        .path(in.getPath())
        .file(in.getPath())
        .build();
  }

  private AccessDecided accessDecided(RecordInput in, Instant time)
      throws UnreadableRecordException {
    AccessDecided.Builder event =
        AccessDecided.builder(subject, origin)
            .time(time)
            .response(in.getConstant(RESPONSES))
            .kind(in.getConstant(PERMISSIONS))
            .fileType(in.getConstant(FILE_TYPES))
            .path(in.getPath())
            .rule(in.getText());
    if (in.getByte() != 0) {
      event.process(
          new ProcessFacts(
              number(in), number(in), in.getPath(), in.getText(), in.getText(), in.getByte() != 0));
    }
    return event.build();
  }

  private static OptionalInt number(RecordInput in) throws UnreadableRecordException {
    return in.getByte() == 0 ? OptionalInt.empty() : OptionalInt.of(in.getInt());
  }

  private EventsLost eventsLost(RecordInput in, Instant time) throws UnreadableRecordException {
    EventsLost.Builder event =
        EventsLost.builder(subject, origin)
            .time(time)
            .reason(in.getConstant(REASONS))
            .path(in.getPath());
    boolean counted = in.getByte() != 0;
    long count = in.getLong();
    if (counted) {
      event.count(count);
    }
    return event.from(in.getInstant()).to(in.getInstant()).detail(in.getText()).build();
  }

  private Finding finding(RecordInput in, Instant time) throws UnreadableRecordException {
    return Finding.builder(subject, origin)
        .time(time)
        .rule(in.getText())
        .severity(in.getConstant(SEVERITIES))
        .fileType(in.getConstant(FILE_TYPES))
        .path(in.getPath())
        .attributes(in.getMap())
        .build();
  }

  private ScanCompleted scanCompleted(RecordInput in, Instant time)
      throws UnreadableRecordException {
    return ScanCompleted.builder(subject, origin)
        .time(time)
        .outcome(in.getConstant(OUTCOMES))
        .counts(in.getLong(), in.getLong(), in.getLong())
        .duration(duration(in))
        .detail(in.getText())
        .build();
  }

  private static Duration duration(RecordInput in) throws UnreadableRecordException {
    long seconds = in.getLong();
    int nanos = in.getInt();
    if (nanos < 0 || nanos >= 1_000_000_000) {
      throw new UnreadableRecordException("a duration has " + nanos + " ns");
    }
    return Duration.ofSeconds(seconds, nanos);
  }

  private void readSubject(RecordInput in) throws UnreadableRecordException {
    int length = in.getLength();
    int at = in.skip(length);
    if (subject != null && isSame(in.array(), at, length, subjectBytes)) {
      return;
    }
    owner.set(in.array(), at, at + length);
    subject =
        new Subject(
            owner.getText(), owner.getText(), owner.getText(), owner.getInt(), owner.getMap());
    subjectBytes = Arrays.copyOfRange(in.array(), at, at + length);
  }

  private void readOrigin(RecordInput in) throws UnreadableRecordException {
    int length = in.getLength();
    int at = in.skip(length);
    if (origin != null && isSame(in.array(), at, length, originBytes)) {
      return;
    }
    owner.set(in.array(), at, at + length);
    String node = owner.getText();
    String namespace = owner.getText();
    String pod = owner.getText();
    String container = owner.getText();
    Map<String, String> labels = owner.getMap();
    // What an earlier version wrote ends here.
    String id = owner.remaining() > 0 ? owner.getText() : "";
    origin = new Origin(node, namespace, pod, container, id, labels);
    originBytes = Arrays.copyOfRange(in.array(), at, at + length);
  }

  private static boolean isSame(byte[] bytes, int at, int length, byte[] known) {
    return Arrays.equals(bytes, at, at + length, known, 0, known.length);
  }
}
