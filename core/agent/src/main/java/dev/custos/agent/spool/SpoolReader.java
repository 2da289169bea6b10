package dev.custos.agent.spool;

import dev.custos.spi.event.IntegrityEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes events out of a log, in order: a batch is read, acknowledged bit by bit, and only then
 * another one is read. For one thread at a time.
 */
public final class SpoolReader implements AutoCloseable {
  /** The longest record, or a thousand of the usual ones. */
  private static final int READ_BYTES = RecordFrame.HEADER + RecordFrame.MAX_BODY;

  private final SegmentTable table;
  private final ReentrantLock lock;
  private final EventDecoder decoder = new EventDecoder();
  private final RecordFrame frame = new RecordFrame();
  private Segment reading;
  private FileChannel channel;
  // Whether what is out is a gap rather than records.
  private boolean gapOut;

  SpoolReader(SegmentTable table) {
    this.table = table;
    this.lock = table.lock();
  }

  /** Takes what is read, each from index 0 on. */
  public interface Target {
    /** At least so many bytes to read into; what is handed over as a line lies in it. */
    byte[] buffer(int size);

    /**
     * An event.
     *
     * @param mark to be given back when it is acknowledged
     * @param gap whether it is the sink's own report of a loss
     */
    void event(
        int index,
        Mark mark,
        IntegrityEvent event,
        String runId,
        boolean gap,
        int lineStart,
        int lineLength);

    /** Events that are missing here. */
    void loss(int index, Mark mark, SpoolLoss loss);
  }

  /**
   * A place in the log, right after an event.
   *
   * @param stands for how many events it stands; 0 if unknown
   */
  public record Mark(long offset, long sequence, Instant time, long stands) {}

  /** Whether a read would bring anything. Any thread. */
  public boolean isReady() {
    lock.lock();
    try {
      return head() != null;
    } finally {
      lock.unlock();
    }
  }

  /** The first segment that has something to read; null if none has. */
  private Segment head() {
    Segment first = table.first();
    return first != null && (first.isGap() || first.acknowledged() < table.visible(first))
        ? first
        : null;
  }

  /**
   * Reads the events that come next. All of them have to be acknowledged before the next call.
   *
   * @param max how many at most
   * @return how many; 0 if there are none
   */
  public int read(Target target, int max) throws IOException {
    long from;
    long to;
    Segment segment;
    lock.lock();
    try {
      removeRead();
      segment = head();
      if (segment == null) {
        return 0;
      }
      table.setInFlight(true);
      if (segment.isGap()) {
        return readGap(segment, target);
      }
      from = segment.acknowledged();
      to = table.visible(segment);
    } finally {
      lock.unlock();
    }
    gapOut = false;
    int n = 0;
    try {
      n = readRecords(segment, from, to, target, max);
    } catch (IOException e) {
      // An unreadable disk and a wrong checksum come to the same: these events are lost.
      n = 0;
    }
    if (n > 0) {
      return n;
    }
    lock.lock();
    try {
      table.dropDamaged(segment);
      return readGap(segment, target);
    } finally {
      lock.unlock();
    }
  }

  /** What was read to its end before it was sealed. */
  private void removeRead() throws IOException {
    Segment first = table.first();
    while (first != null
        && !first.isGap()
        && first.isSealed()
        && first.acknowledged() >= first.written()) {
      table.remove(first);
      first = table.first();
    }
  }

  private int readGap(Segment segment, Target target) {
    SpoolLoss loss = segment.loss().orElseThrow();
    gapOut = true;
    target.loss(0, new Mark(0, loss.firstSequence(), loss.to(), 0), loss);
    return 1;
  }

  private int readRecords(Segment segment, long from, long to, Target target, int max)
      throws IOException {
    open(segment);
    byte[] bytes = target.buffer(READ_BYTES);
    int length = fill(bytes, from, to);
    int n = 0;
    int at = 0;
    RecordFrame.Result result = frame.parse(bytes, 0, length);
    while (result == RecordFrame.Result.WHOLE) {
      hand(segment, from + frame.end(), target, n);
      n++;
      at = frame.end();
      if (n == max) {
        return n;
      }
      result = frame.parse(bytes, at, length);
    }
    if (n == 0 && result == RecordFrame.Result.CUT && length == bytes.length) {
      throw new IOException("a record is longer than any can be");
    }
    return n;
  }

  private void hand(Segment segment, long end, Target target, int index) {
    long sequence = frame.sequence();
    Instant time = frame.time();
    Mark mark = new Mark(end, sequence, time, Math.max(0, frame.stands()));
    boolean gap = frame.isGap();
    int lineStart = frame.lineStart();
    int lineLength = frame.lineLength();
    long stands = frame.stands();
    try {
      IntegrityEvent event = decoder.decode(frame.event(), time);
      target.event(index, mark, event, segment.runId(), gap, lineStart, lineLength);
    } catch (UnreadableRecordException e) {
      target.loss(
          index,
          mark,
          new SpoolLoss(
              SpoolLoss.Cause.UNREADABLE,
              segment.runId(),
              sequence,
              sequence,
              stands < 0 ? OptionalLong.empty() : OptionalLong.of(stands),
              time,
              time));
    }
  }

  private void open(Segment segment) throws IOException {
    if (segment == reading && channel.isOpen()) {
      return;
    }
    if (channel != null) {
      channel.close();
    }
    channel =
        FileChannel.open(
            segment.file(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    reading = segment;
  }

  private int fill(byte[] bytes, long from, long to) throws IOException {
    ByteBuffer target = ByteBuffer.wrap(bytes, 0, (int) Math.min(bytes.length, to - from));
    int n = 0;
    while (target.hasRemaining() && n >= 0) {
      n = channel.read(target, from + target.position());
    }
    return target.position();
  }

  /**
   * Takes note of events that will not be read again.
   *
   * @param mark the last one's
   * @param events for how many events they all stand
   * @param all whether that was the last of what was read
   */
  public void acknowledge(Mark mark, long events, boolean all) throws IOException {
    lock.lock();
    try {
      if (all) {
        table.setInFlight(false);
      }
      table.acknowledge(gapOut ? 0 : mark.offset(), events, mark.sequence(), mark.time());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
