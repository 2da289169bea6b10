package dev.custos.agent.spool;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file of the log: records of one run, or a gap. Guarded by the log's lock, but for the
 * channel, which only the appending thread writes to.
 */
final class Segment {
  /** Numbers leave room for a gap between two segments. */
  static final long STEP = 16;

  private final long number;
  private final String runId;
  private final Extent extent = new Extent();
  private Path file;
  // Null if it is not written to (any more), or was not closed yet by a sync.
  private FileChannel channel;
  private SpoolLoss loss;

  private long written = SegmentFiles.HEADER;
  private long synced = SegmentFiles.HEADER;
  private long acknowledged = SegmentFiles.HEADER;
  private long acknowledgedEvents;
  private long acknowledgedSequence;
  private Instant acknowledgedTime;
  private boolean sealed;
  private boolean syncFailed;

  Segment(long number, String runId, Path file) {
    this.number = number;
    this.runId = runId;
    this.file = file;
  }

  static Segment ofLoss(long number, SpoolLoss loss, Path file) {
    Segment gap = new Segment(number, loss.runId(), file);
    gap.loss = loss;
    gap.sealed = true;
    return gap;
  }

  long number() {
    return number;
  }

  String runId() {
    return runId;
  }

  Extent extent() {
    return extent;
  }

  Path file() {
    return file;
  }

  FileChannel channel() {
    return channel;
  }

  void setChannel(FileChannel newChannel) {
    channel = newChannel;
  }

  /** What it stands for, if it is a gap. */
  Optional<SpoolLoss> loss() {
    return Optional.ofNullable(loss);
  }

  boolean isGap() {
    return loss != null;
  }

  /** From now on it is a gap, whose file is {@code gapFile}. */
  void becomeGap(SpoolLoss newLoss, Path gapFile) {
    loss = newLoss;
    file = gapFile;
    sealed = true;
    written = 0;
    synced = 0;
    acknowledged = 0;
  }

  long written() {
    return written;
  }

  void appended(long bytes, Extent more) {
    written += bytes;
    extent.add(more);
  }

  /** What was found in the file: all of it is on disk, or lost already. */
  void recovered(long end) {
    written = end;
    synced = end;
    sealed = true;
  }

  long synced() {
    return synced;
  }

  void setSynced(long to) {
    synced = to;
  }

  void setSyncFailed() {
    syncFailed = true;
  }

  boolean isSyncFailed() {
    return syncFailed;
  }

  /** Up to where it may be read: what the disk refused to sync can still be sent. */
  long visible(boolean needsSync) {
    return needsSync && !syncFailed ? synced : written;
  }

  long acknowledged() {
    return acknowledged;
  }

  void acknowledge(long to, long events, long sequence, Instant time) {
    acknowledged = to;
    if (events > 0) {
      acknowledgedEvents += events;
      acknowledgedSequence = sequence;
      acknowledgedTime = time;
    }
  }

  /** The events that are not acknowledged yet, as lost; empty if there are none. */
  Optional<SpoolLoss> unreadAsLoss(SpoolLoss.Cause cause) {
    if (acknowledged >= written) {
      return Optional.empty();
    }
    boolean whole = acknowledgedTime == null;
    return Optional.of(
        new SpoolLoss(
            cause,
            runId,
            whole ? extent.firstSequence() : acknowledgedSequence + 1,
            extent.lastSequence(),
            unread(),
            whole ? extent.firstTime() : acknowledgedTime,
            extent.lastTime()));
  }

  /** How many events, of those that can be counted, nobody acknowledged yet. */
  long waiting() {
    return Math.max(0, extent.countedEvents() - acknowledgedEvents);
  }

  /** How many events nobody acknowledged yet; empty if a loss of unknown size is in the file. */
  OptionalLong unread() {
    OptionalLong all = extent.events();
    return all.isEmpty() ? all : OptionalLong.of(Math.max(0, all.getAsLong() - acknowledgedEvents));
  }

  boolean isSealed() {
    return sealed;
  }

  void seal() {
    sealed = true;
  }
}
