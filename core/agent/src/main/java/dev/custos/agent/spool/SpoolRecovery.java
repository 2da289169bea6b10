package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What earlier runs left in a spool's directory, brought in order: torn ends are cut, what is
 * acknowledged is removed, and what can't be read any more becomes a gap. A crash at any point of
 * it leaves a directory that it brings in order again.
 */
final class SpoolRecovery {
  private static final String NO_RUN = new UUID(0, 0).toString();

  private final Path directory;
  private final Optional<SpoolCursor.Position> position;
  private final boolean unclean;
  private final Clock clock;
  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  private final byte[] buffer = new byte[RecordFrame.HEADER + RecordFrame.MAX_BODY];
  private final RecordFrame frame = new RecordFrame();
  private long acknowledgedTo;
  private long acknowledgedEvents;
  private long acknowledgedSequence;
  private Instant acknowledgedTime;
  // The last segment that a gap takes the place of, by the gap's number, which is the first's.
  private final TreeMap<Long, Long> covered = new TreeMap<>();

  SpoolRecovery(Path directory, SpoolCursor cursor, Clock clock) {
    this.directory = directory;
    this.position = cursor.found();
    // A cursor that can't be read was being made, or is damaged: nobody stopped cleanly there.
    this.unclean = position.map(found -> !found.clean()).orElse(cursor.existed());
    this.clock = clock;
  }

  /** The log as it is now, by the segments' numbers. */
  NavigableMap<Long, Segment> run() throws IOException {
    TreeMap<Long, Path> gaps = new TreeMap<>();
    TreeMap<Long, Path> files = new TreeMap<>();
    list(gaps, files);
    for (var gap : gaps.entrySet()) {
      addGap(gap.getKey(), gap.getValue());
    }
    long last = files.isEmpty() ? -1 : files.lastKey();
    for (var file : files.entrySet()) {
      if (isDone(file.getKey()) || isCovered(file.getKey())) {
        Files.deleteIfExists(file.getValue());
      } else {
        addSegment(file.getKey(), file.getValue(), file.getKey() == last);
      }
    }
    if (unclean) {
      addKilledRun();
    }
    return segments;
  }

  private void list(Map<Long, Path> gaps, Map<Long, Path> files) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        long segment = SegmentFiles.number(name, SegmentFiles.SEGMENT);
        long gap = SegmentFiles.number(name, SegmentFiles.GAP);
        if (name.endsWith(SegmentFiles.UNFINISHED)) {
          Files.deleteIfExists(entry);
        } else if (segment >= 0) {
          files.put(segment, entry);
        } else if (gap >= 0) {
          gaps.put(gap, entry);
        }
      }
    }
  }

  private boolean isDone(long number) {
    return position.isPresent() && number < position.get().segment();
  }

  private boolean isCovered(long number) {
    var gap = covered.floorEntry(number);
    return gap != null && number <= gap.getValue();
  }

  private void addGap(long number, Path file) throws IOException {
    if (isDone(number)) {
      Files.deleteIfExists(file);
      return;
    }
    Instant changed = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    SegmentFiles.Gap gap =
        SegmentFiles.readGap(file)
            .orElse(
                new SegmentFiles.Gap(
                    new SpoolLoss(
                        SpoolLoss.Cause.DAMAGED,
                        NO_RUN,
                        0,
                        0,
                        OptionalLong.empty(),
                        changed,
                        clock.instant()),
                    number));
    segments.put(number, Segment.ofLoss(number, gap.loss(), file));
    covered.put(number, gap.through());
  }

  private void addSegment(long number, Path file, boolean isLast) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
      long size = channel.size();
      int head = fill(channel, 0, SegmentFiles.HEADER);
      Optional<String> run = SegmentFiles.runOf(buffer, head, number);
      if (run.isEmpty()) {
        if (!(isLast && unclean)) {
          addDamage(number, NO_RUN, 0, modified(file));
        }
        Files.deleteIfExists(file);
        return;
      }
      checkEndOfPrevious(number, run.get(), SegmentFiles.previousEnd(buffer));
      Segment segment = new Segment(number, run.get(), file);
      acknowledgedTo = SegmentFiles.HEADER;
      acknowledgedEvents = 0;
      long acknowledged =
          position.filter(p -> p.segment() == number).map(SpoolCursor.Position::offset).orElse(0L);
      long end = scan(channel, segment.extent(), acknowledged);
      if (end < size) {
        channel.truncate(end);
        channel.force(true);
        if (!(isLast && unclean)) {
          Extent extent = segment.extent();
          Instant from = extent.lastTime() == null ? modified(file) : extent.lastTime();
          addDamage(number + 1, run.get(), extent.lastSequence() + 1, from);
        }
      }
      if (segment.extent().records() == 0) {
        Files.deleteIfExists(file);
        return;
      }
      segment.recovered(end);
      segment.acknowledge(
          acknowledgedTo, acknowledgedEvents, acknowledgedSequence, acknowledgedTime);
      segments.put(number, segment);
    }
  }

  /** After a failed fsync(2) a file may end too early, and yet right after a whole record. */
  private void checkEndOfPrevious(long number, String run, long end) throws IOException {
    var before = segments.lowerEntry(number);
    if (before == null || before.getValue().isGap() || !before.getValue().runId().equals(run)) {
      return;
    }
    Segment previous = before.getValue();
    if (previous.written() < end) {
      Extent extent = previous.extent();
      addDamage(previous.number() + 1, run, extent.lastSequence() + 1, extent.lastTime());
    }
  }

  private static Instant modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
  }

  /** Reads all records, and returns where the last whole one ends. */
  private long scan(FileChannel channel, Extent extent, long acknowledged) throws IOException {
    long at = SegmentFiles.HEADER;
    while (true) {
      int length = fill(channel, at, buffer.length);
      int parsed = 0;
      RecordFrame.Result result = frame.parse(buffer, 0, length);
      while (result == RecordFrame.Result.WHOLE) {
        extent.add(frame.sequence(), frame.stands(), frame.time());
        parsed = frame.end();
        if (at + parsed <= acknowledged) {
          acknowledgedTo = at + parsed;
          acknowledgedEvents += Math.max(0, frame.stands());
          acknowledgedSequence = frame.sequence();
          acknowledgedTime = frame.time();
        }
        result = frame.parse(buffer, parsed, length);
      }
      at += parsed;
      if (result == RecordFrame.Result.BAD || parsed == 0) {
        return at;
      }
    }
  }

  private int fill(FileChannel channel, long at, int count) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(buffer, 0, count);
    int n = 0;
    while (target.hasRemaining() && n >= 0) {
      n = channel.read(target, at + target.position());
    }
    return target.position();
  }

  private void addDamage(long number, String run, long sequence, Instant from) throws IOException {
    addLoss(number, SpoolLoss.Cause.DAMAGED, run, sequence, from);
  }

  private void addLoss(long number, SpoolLoss.Cause cause, String run, long sequence, Instant from)
      throws IOException {
    Instant now = clock.instant();
    Instant earliest = from.isAfter(now) ? now : from;
    SpoolLoss loss =
        new SpoolLoss(cause, run, sequence, Long.MAX_VALUE, OptionalLong.empty(), earliest, now);
    Path file = SegmentFiles.gap(directory, number);
    SegmentFiles.writeGap(file, loss, number - 1, true);
    segments.put(number, Segment.ofLoss(number, loss, file));
  }

  /** The run before this one did not stop: what it had read and not spooled is missing. */
  private void addKilledRun() throws IOException {
    String run = position.map(SpoolCursor.Position::runId).orElse(NO_RUN);
    long sequence = position.map(SpoolCursor.Position::lastSequence).orElse(0L);
    Instant from = position.map(SpoolCursor.Position::lastTime).orElse(clock.instant());
    long highest = position.map(SpoolCursor.Position::segment).orElse(0L);
    Iterator<Segment> latestFirst = segments.descendingMap().values().iterator();
    while (latestFirst.hasNext()) {
      Segment segment = latestFirst.next();
      highest = Math.max(highest, segment.number());
      if (segment.runId().equals(run) && !segment.isGap()) {
        sequence = Math.max(sequence, segment.extent().lastSequence());
        from = segment.extent().lastTime();
        break;
      }
    }
    long number = (highest / Segment.STEP + 1) * Segment.STEP;
    addLoss(number, SpoolLoss.Cause.KILLED, run, sequence + 1, from);
  }
}
