package dev.custos.agent.spool;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import java.util.OptionalInt;

/**
 * Writes events as bytes: version, type, subject, origin, and what the type adds. An enum's
 * constant is its ordinal, so constants may be added at the end only. Subject and origin of the
 * event before are not encoded again. Not thread-safe.
 */
final class EventEncoder {
  /** What is written first. A reader refuses any other. */
  static final int VERSION = 1;

  static final int FILE_CHANGED = 1;
  static final int ACCESS_DECIDED = 2;
  static final int EVENTS_LOST = 3;
  static final int FINDING = 4;
  static final int SCAN_COMPLETED = 5;

  private Subject subject;
  private byte[] subjectBytes;
  private Origin origin;
  private byte[] originBytes;

  /** Appends an event, but for its time, which the record bears. */
  void encode(IntegrityEvent event, RecordBuffer out) {
    out.putByte(VERSION);
    if (event instanceof FileChanged changed) {
      out.putByte(FILE_CHANGED);
      putOwner(event, out);
      out.putConstant(changed.kind());
      out.putConstant(changed.fileType());
      out.putByte(changed.synthetic() ? 1 : 0);
      out.putInt(changed.cookie());
      out.putPath(changed.path());
      out.putPath(changed.file());
    } else if (event instanceof AccessDecided decided) {
      out.putByte(ACCESS_DECIDED);
      putOwner(event, out);
      put(decided, out);
    } else if (event instanceof EventsLost lost) {
      out.putByte(EVENTS_LOST);
      putOwner(event, out);
      put(lost, out);
    } else if (event instanceof Finding finding) {
      out.putByte(FINDING);
      putOwner(event, out);
      out.putText(finding.rule());
      out.putConstant(finding.severity());
      out.putConstant(finding.fileType());
      out.putPath(finding.path());
      out.putMap(finding.attributes());
    } else if (event instanceof ScanCompleted scan) {
      out.putByte(SCAN_COMPLETED);
      putOwner(event, out);
      put(scan, out);
    } else {
      throw new IllegalArgumentException("no encoding for " + event.getClass().getName());
    }
  }

  private static void put(AccessDecided decided, RecordBuffer out) {
    out.putConstant(decided.response());
    out.putConstant(decided.kind());
    out.putConstant(decided.fileType());
    out.putPath(decided.path());
    out.putText(decided.rule());
    ProcessFacts process = decided.process().orElse(null);
    out.putByte(process == null ? 0 : 1);
    if (process != null) {
      put(process.pid(), out);
      put(process.uid(), out);
      out.putPath(process.executable());
      out.putText(process.command());
      out.putText(process.container());
      out.putByte(process.gone() ? 1 : 0);
    }
  }

  private static void put(OptionalInt value, RecordBuffer out) {
    out.putByte(value.isPresent() ? 1 : 0);
    if (value.isPresent()) {
      out.putInt(value.getAsInt());
    }
  }

  private static void put(EventsLost lost, RecordBuffer out) {
    out.putConstant(lost.reason());
    out.putPath(lost.path());
    out.putByte(lost.count().isPresent() ? 1 : 0);
    out.putLong(lost.count().orElse(0));
    out.putInstant(lost.from());
    out.putInstant(lost.to());
    out.putText(lost.detail());
  }

  private static void put(ScanCompleted scan, RecordBuffer out) {
    out.putConstant(scan.outcome());
    out.putLong(scan.added());
    out.putLong(scan.changed());
    out.putLong(scan.removed());
    out.putLong(scan.duration().toSeconds());
    out.putInt(scan.duration().toNanosPart());
    out.putText(scan.detail());
  }

  @SuppressWarnings("ReferenceEquality") // a miss only costs encoding it again
  private void putOwner(IntegrityEvent event, RecordBuffer out) {
    if (event.subject() != subject) {
      subject = event.subject();
      RecordBuffer bytes = new RecordBuffer(128);
      bytes.putText(subject.kind());
      bytes.putText(subject.namespace());
      bytes.putText(subject.name());
      bytes.putInt(subject.index());
      bytes.putMap(subject.tags());
      subjectBytes = bytes.toByteArray();
    }
    out.putBytes(subjectBytes);
    if (event.origin() != origin) {
      origin = event.origin();
      RecordBuffer bytes = new RecordBuffer(128);
      bytes.putText(origin.node());
      bytes.putText(origin.namespace());
      bytes.putText(origin.pod());
      bytes.putText(origin.container());
      bytes.putMap(origin.labels());
      bytes.putText(origin.containerId());
      originBytes = bytes.toByteArray();
    }
    out.putBytes(originBytes);
  }
}
