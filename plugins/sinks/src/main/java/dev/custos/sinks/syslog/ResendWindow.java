package dev.custos.sinks.syslog;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was written to a connection lately, to be written again to the next one: a plain stream does
 * not tell how much of it the peer has read, and what lay in the buffers of a kernel is gone when
 * the peer dies. Bounded in bytes and in age. Holds whole messages only. Not thread-safe.
 */
final class ResendWindow {
  private static final class Part {
    private byte[] bytes;
    private int length;
    private long writtenNanos;
  }

  private final long limit;
  private final long ageNanos;
  private final Deque<Part> parts = new ArrayDeque<>();
  private long size;

  /**
   * Makes it.
   *
   * @param limit how many bytes are kept at least, if there were so many; 0 for none
   * @param ageNanos how long they are kept
   */
  ResendWindow(long limit, long ageNanos) {
    this.limit = limit;
    this.ageNanos = ageNanos;
  }

  /** Keeps messages that were written. */
  void add(byte[] source, int from, int count, long nowNanos) {
    if (limit == 0 || count == 0) {
      return;
    }
    Part part = dropOld(nowNanos);
    if (part == null || part.bytes.length < count || part.bytes.length > 4 * count) {
      part = new Part();
      part.bytes = new byte[count];
    }
    System.arraycopy(source, from, part.bytes, 0, count);
    part.length = count;
    part.writtenNanos = nowNanos;
    parts.addLast(part);
    size += count;
  }

  /** Drops what need not be kept any more; one of the dropped parts may be used again. */
  private Part dropOld(long nowNanos) {
    Part dropped = null;
    for (Part first = parts.peekFirst(); first != null; first = parts.peekFirst()) {
      boolean old = nowNanos - first.writtenNanos > ageNanos;
      if (!old && size - first.length < limit) {
        break;
      }
      dropped = parts.removeFirst();
      size -= dropped.length;
    }
    return dropped;
  }

  /** Everything that is kept, in its order; the messages stay in the window. */
  byte[] content(long nowNanos) {
    dropOld(nowNanos);
    byte[] content = new byte[Math.toIntExact(size)];
    int at = 0;
    for (Part part : parts) {
      System.arraycopy(part.bytes, 0, content, at, part.length);
      at += part.length;
    }
    return content;
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** How much is kept. Bytes. */
  long size() {
    return size;
  }
}
