package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The segments of a log in order, and how far they are read. Whoever calls holds the lock, but for
 * what is volatile.
 */
final class SegmentTable {
  private final ReentrantLock lock = new ReentrantLock();
  private final SpoolDirectory directory;
  private final SpoolCursor cursor;
  private final String runId;
  // Whether a gap is made to outlive the machine, and events are read after a sync only.
  private boolean sync;
  private final NavigableMap<Long, Segment> segments;
  // Whether the first segment's events are in somebody's hands.
  private boolean inFlight;
  private boolean namesChanged;
  private long nextNumber;
  private long lastSequence;
  private Instant lastTime;

  private final AtomicLong bytes = new AtomicLong();
  private volatile Instant oldest;

  SegmentTable(
      SpoolDirectory directory,
      SpoolCursor cursor,
      NavigableMap<Long, Segment> segments,
      String runId,
      Instant now) {
    this.directory = directory;
    this.cursor = cursor;
    this.segments = segments;
    this.runId = runId;
    this.lastTime = now;
    long highest = cursor.found().map(SpoolCursor.Position::segment).orElse(0L);
    if (!segments.isEmpty()) {
      highest = Math.max(highest, segments.lastKey());
    }
    nextNumber = (highest / Segment.STEP + 1) * Segment.STEP;
    long sum = 0;
    for (Segment segment : segments.values()) {
      sum += segment.isGap() ? 0 : segment.written();
    }
    bytes.set(sum);
    refreshOldest();
  }

  ReentrantLock lock() {
    return lock;
  }

  void setSync(boolean needed) {
    sync = needed;
  }

  /** Up to where a segment may be read. */
  long visible(Segment segment) {
    return segment.visible(sync);
  }

  /** What the files take. Any thread, without the lock. */
  long bytes() {
    return bytes.get();
  }

  /** No event that waits is older; null if none waits. Any thread, without the lock. */
  Instant oldest() {
    return oldest;
  }

  long nextNumber() {
    return nextNumber;
  }

  /** Null if there is none. */
  Segment first() {
    Map.Entry<Long, Segment> entry = segments.firstEntry();
    return entry == null ? null : entry.getValue();
  }

  void add(Segment segment) {
    nextNumber = segment.number() + Segment.STEP;
    namesChanged = true;
    segments.put(segment.number(), segment);
    bytes.addAndGet(segment.isGap() ? 0 : segment.written());
  }

  void appended(Segment segment, RecordChunk chunk) {
    segment.appended(chunk.length(), chunk.extent());
    bytes.addAndGet(chunk.length());
    if (oldest == null) {
      oldest = chunk.extent().firstTime();
    }
  }

  /** Whether the disk may forget, without an error, what nobody acknowledged yet. */
  boolean hasUnreadAfterFailedSync() {
    for (Segment segment : segments.values()) {
      if (segment.isSyncFailed()
          && !segment.isGap()
          && segment.acknowledged() < segment.written()) {
        return true;
      }
    }
    return false;
  }

  long waiting() {
    long sum = 0;
    for (Segment segment : segments.values()) {
      sum += segment.isGap() ? 0 : segment.waiting();
    }
    return sum;
  }

  void setInFlight(boolean now) {
    inFlight = now;
  }

  /** Whether names came or went since this was asked last. */
  boolean takeNamesChanged() {
    boolean changed = namesChanged;
    namesChanged = false;
    return changed;
  }

  /** Null if all there is are gaps, what is being sent, and what is being written. */
  Segment oldestDroppable() {
    boolean busy = inFlight;
    for (Segment segment : segments.values()) {
      if (!busy && !segment.isGap() && segment.isSealed()) {
        return segment;
      }
      busy = false;
    }
    return null;
  }

  /**
   * Puts a gap in the place of a segment, or makes the gap before it longer.
   *
   * @throws IOException if the gap could not be stored; then nothing has changed
   */
  void drop(Segment segment, SpoolLoss.Cause cause) throws IOException {
    Optional<SpoolLoss> loss = segment.unreadAsLoss(cause);
    if (loss.isEmpty()) {
      remove(segment);
      return;
    }
    Path file = segment.file();
    long freed = segment.written();
    Map.Entry<Long, Segment> before = segments.lowerEntry(segment.number());
    Segment gap = before == null ? null : before.getValue();
    if (gap != null && isContinued(gap, loss.get())) {
      SpoolLoss both = gap.loss().orElseThrow().and(loss.get());
      SegmentFiles.writeGap(gap.file(), both, segment.number(), sync);
      gap.becomeGap(both, gap.file());
      segment.becomeGap(loss.get(), file);
      segments.remove(segment.number());
    } else {
      Path gapFile = SegmentFiles.gap(directory.path(), segment.number());
      SegmentFiles.writeGap(gapFile, loss.get(), segment.number(), sync);
      segment.becomeGap(loss.get(), gapFile);
    }
    bytes.addAndGet(-freed);
    namesChanged = true;
    refreshOldest();
    Files.deleteIfExists(file);
  }

  private boolean isContinued(Segment gap, SpoolLoss next) {
    boolean beingTold = inFlight && first() == gap;
    return !beingTold
        && gap.loss()
            .filter(loss -> loss.cause() == next.cause() && loss.runId().equals(next.runId()))
            .isPresent();
  }

  /**
   * What can't be read back becomes a gap at once, in memory even if the disk takes no gap: then a
   * crash before it is told leaves it untold.
   */
  SpoolLoss dropDamaged(Segment segment) {
    SpoolLoss loss = segment.unreadAsLoss(SpoolLoss.Cause.DAMAGED).orElseThrow();
    Path file = segment.file();
    Path gapFile = SegmentFiles.gap(directory.path(), segment.number());
    long freed = segment.written();
    try {
      SegmentFiles.writeGap(gapFile, loss, segment.number(), sync);
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The damaged file stays, and is looked at again by the next start.
      freed = 0;
    }
    segment.becomeGap(loss, gapFile);
    bytes.addAndGet(-freed);
    namesChanged = true;
    return loss;
  }

  /** Takes note of what was acknowledged of the first segment. */
  void acknowledge(long offset, long events, long sequence, Instant time) throws IOException {
    Segment segment = first();
    if (segment.runId().equals(runId) && sequence >= lastSequence) {
      lastSequence = sequence;
      lastTime = time;
    }
    if (segment.isGap() || (segment.isSealed() && offset >= segment.written())) {
      // The cursor first: without it the next start would send the segment's rest again.
      segment.acknowledge(offset, events, sequence, time);
      writeCursor(false, segment.number() + 1, 0);
      remove(segment);
    } else {
      segment.acknowledge(offset, events, sequence, time);
      writeCursor(false, segment.number(), offset);
      oldest = offset >= segment.written() ? null : time;
    }
  }

  void remove(Segment segment) throws IOException {
    segments.remove(segment.number());
    bytes.addAndGet(-(segment.isGap() ? 0 : segment.written()));
    namesChanged = true;
    refreshOldest();
    Files.deleteIfExists(segment.file());
  }

  private void refreshOldest() {
    Segment first = first();
    if (first == null) {
      oldest = null;
    } else {
      oldest = first.loss().map(SpoolLoss::from).orElse(first.extent().firstTime());
    }
  }

  /** Stores where reading stands and that this run goes on, or has stopped. */
  void writePosition(boolean clean) throws IOException {
    Segment first = first();
    if (first == null) {
      writeCursor(clean, nextNumber, 0);
    } else {
      writeCursor(clean, first.number(), first.acknowledged());
    }
    cursor.sync();
  }

  private void writeCursor(boolean clean, long segment, long offset) throws IOException {
    cursor.write(new SpoolCursor.Position(clean, runId, segment, offset, lastSequence, lastTime));
  }

  void close() throws IOException {
    cursor.close();
  }
}
