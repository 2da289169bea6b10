package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The spool of one sink: what is appended is on disk after a sync, can be read in order, and is
 * removed once it is acknowledged. {@link #append} and {@link #expire} belong to one thread, {@link
 * #sync} to one, and the {@link SpoolReader} to one.
 */
public final class SpoolLog implements AutoCloseable {
  private static final long LARGEST_SEGMENT = 16L << 20;
  private static final int SEGMENTS = 16;

  private final SpoolDirectory directory;
  private final SpoolDisk disk;
  private final SegmentTable table;
  private final ReentrantLock lock;
  private final String runId;
  private final Clock clock;
  private volatile Settings settings;
  private final SpoolReader reader;
  private final OpenSegments open;
  // The appending thread's.
  private Segment active;
  private final AtomicLong appends = new AtomicLong();

  /**
   * What a spool is asked to keep to.
   *
   * @param needsSync whether events can be read only after a sync
   * @param maxBytes what all files may take together
   * @param maxAge how old an event may become
   */
  public record Settings(Path directory, boolean needsSync, long maxBytes, Duration maxAge) {}

  private SpoolLog(
      SpoolDirectory directory,
      SpoolDisk disk,
      SegmentTable table,
      Settings settings,
      String runId,
      Clock clock) {
    this.directory = directory;
    this.disk = disk;
    this.table = table;
    this.lock = table.lock();
    this.runId = runId;
    this.clock = clock;
    this.settings = settings;
    this.open = new OpenSegments(directory, table);
    this.reader = new SpoolReader(table);
  }

  /**
   * Opens a spool, and brings in order what earlier runs left.
   *
   * @throws SpoolRefusedException if the directory must not be used
   * @throws IOException if the disk does not let us, which may change
   */
  public static SpoolLog open(Settings settings, SpoolDisk disk, String runId, Clock clock)
      throws IOException, SpoolRefusedException {
    SpoolDirectory directory = SpoolDirectory.open(settings.directory());
    SpoolCursor cursor = null;
    try {
      cursor = SpoolCursor.open(directory.path().resolve("cursor"));
      NavigableMap<Long, Segment> found = new SpoolRecovery(directory.path(), cursor, clock).run();
      directory.sync();
      SegmentTable table = new SegmentTable(directory, cursor, found, runId, clock.instant());
      table.setSync(settings.needsSync());
      table.writePosition(false);
      return new SpoolLog(directory, disk, table, settings, runId, clock);
    } catch (IOException | RuntimeException e) {
      if (cursor != null) {
        cursor.close();
      }
      directory.close();
      throw e;
    }
  }

  /** Changes what it keeps to, but for the directory. Any thread. */
  public void adjust(Settings changed) {
    lock.lock();
    try {
      settings = changed;
      table.setSync(changed.needsSync());
    } finally {
      lock.unlock();
    }
  }

  /** What takes events out again; there is one. */
  public SpoolReader reader() {
    return reader;
  }

  /** What the files take, in bytes. Any thread; never waits for the disk. */
  public long bytes() {
    return table.bytes();
  }

  /** No event that waits is older; empty if none waits. Any thread; never waits for the disk. */
  public Optional<Instant> oldest() {
    return Optional.ofNullable(table.oldest());
  }

  /** How many events wait; those in a loss of unknown size are not counted. Any thread. */
  public long waiting() {
    lock.lock();
    try {
      return table.waiting();
    } finally {
      lock.unlock();
    }
  }

  /** Grows with each append. Any thread; never waits for the disk. */
  public long appends() {
    return appends.get();
  }

  /**
   * Writes records to the end. They outlive this process at once; the machine, and for readers they
   * are there, after the next sync.
   *
   * @throws IOException if they could not be written; then none of them is in the log
   */
  public void append(RecordChunk chunk) throws IOException {
    boolean taken = false;
    while (!taken) {
      makeRoom(chunk.length());
      Segment segment = segmentFor(chunk.length());
      try {
        SegmentFiles.writeFully(
            segment.channel(),
            ByteBuffer.wrap(chunk.array(), 0, chunk.length()),
            segment.written());
      } catch (IOException e) {
        cutBack(segment);
        throw e;
      }
      lock.lock();
      try {
        // A reader may have found the segment damaged meanwhile: it is gone, and so is this.
        taken = !segment.isGap();
        if (taken) {
          table.appended(segment, chunk);
          appends.incrementAndGet();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private Segment segmentFor(int length) throws IOException {
    Segment current = active;
    lock.lock();
    try {
      if (current != null && !current.isSealed()) {
        boolean fits = current.written() + length <= segmentBytes();
        boolean fresh = current.extent().records() == 0;
        boolean old = isOld(current.extent().firstTime(), settings.maxAge().dividedBy(SEGMENTS));
        if ((fits || fresh) && !old) {
          return current;
        }
        current.seal();
      }
    } finally {
      lock.unlock();
    }
    return roll();
  }

  private Segment roll() throws IOException {
    open.closeUnsynced(!settings.needsSync());
    long number = table.nextNumber();
    Path file = SegmentFiles.segment(directory.path(), number);
    Segment segment = new Segment(number, runId, file);
    long previousEnd = active == null ? 0 : active.written();
    segment.setChannel(SegmentFiles.create(disk, file, number, runId, previousEnd));
    lock.lock();
    try {
      table.add(segment);
      open.add(segment);
    } finally {
      lock.unlock();
    }
    active = segment;
    return segment;
  }

  /** Leaves no part of a failed write behind; if that fails too, the segment ends where it did. */
  private void cutBack(Segment segment) {
    try {
      segment.channel().truncate(segment.written());
    } catch (IOException e) {
      // Readers stop at what was written whole, and the next start cuts what is torn.
      lock.lock();
      try {
        segment.seal();
      } finally {
        lock.unlock();
      }
    }
  }

  private long segmentBytes() {
    return Math.min(LARGEST_SEGMENT, settings.maxBytes() / SEGMENTS);
  }

  private boolean isOld(Instant time, Duration age) {
    return time != null && time.isBefore(clock.instant().minus(age));
  }

  private void makeRoom(int length) throws IOException {
    long limit = settings.maxBytes() - length;
    if (table.bytes() <= limit) {
      return;
    }
    lock.lock();
    try {
      Segment victim = table.oldestDroppable();
      while (victim != null && table.bytes() > limit) {
        table.drop(victim, SpoolLoss.Cause.FULL);
        victim = table.oldestDroppable();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is too old. To be called now and then. */
  public void expire() throws IOException {
    if (!isOld(table.oldest(), settings.maxAge())) {
      return;
    }
    lock.lock();
    try {
      if (active != null && isOld(active.extent().lastTime(), settings.maxAge())) {
        active.seal();
      }
      Segment victim = table.oldestDroppable();
      while (victim != null && isOld(victim.extent().lastTime(), settings.maxAge())) {
        table.drop(victim, SpoolLoss.Cause.OLD);
        victim = table.oldestDroppable();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a sync would do anything. */
  public boolean isDirty() {
    return open.isDirty();
  }

  /**
   * Makes what was appended outlive the machine: fdatasync(2). Returns whether anything was to do.
   *
   * @throws IOException if the disk refuses. What it refused may be read, but may not outlive the
   *     machine; what is appended later goes to another file
   */
  public boolean sync() throws IOException {
    return open.sync();
  }

  /** Stores that some events never reached the disk, for the next run to tell. */
  public void recordLoss(SpoolLoss loss) throws IOException {
    lock.lock();
    try {
      long number = table.nextNumber();
      Path file = SegmentFiles.gap(directory.path(), number);
      SegmentFiles.writeGap(file, loss, number, true);
      table.add(Segment.ofLoss(number, loss, file));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends it with everything on disk, so that the next run knows of a clean stop. No other thread
   * may use the log any more.
   *
   * @throws IOException if that did not work: the next run will report a loss
   */
  @Override
  public void close() throws IOException {
    try {
      sync();
      lock.lock();
      try {
        Segment first = table.first();
        if (first != null && !first.isGap() && first.acknowledged() >= first.written()) {
          table.remove(first);
        }
        boolean safe = !table.hasUnreadAfterFailedSync();
        table.writePosition(safe);
        directory.sync();
        if (!safe) {
          throw new IOException("what an fsync failed for is not sent yet, and may not last");
        }
      } finally {
        lock.unlock();
      }
    } finally {
      abandon();
    }
  }

  /** Lets go of the files as they are: to the next run it looks as if this one was killed. */
  public void abandon() throws IOException {
    try (directory;
        reader) {
      open.closeAll();
      table.close();
    }
  }
}
