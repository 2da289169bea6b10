package dev.custos.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes of a line in the making, reused from line to line so that rendering allocates nothing. Not
 * thread-safe.
 */
public final class LineBuffer {
  private static final int LONGEST_NUMBER = 20;

  private byte[] bytes;
  private int length;

  /** A buffer with room for an ordinary line. */
  public LineBuffer() {
    this(512);
  }

  /**
   * A buffer with room for {@code capacity} bytes; it grows as needed.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public LineBuffer(int capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException("capacity is negative: " + capacity);
    }
    this.bytes = new byte[capacity];
  }

  /** Appends all of {@code source}. */
  public LineBuffer append(byte[] source) {
    return append(source, 0, source.length);
  }

  /** Appends {@code count} bytes of {@code source}, from {@code offset} on. */
  public LineBuffer append(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends one byte, the low eight bits of {@code b}. */
  public LineBuffer appendByte(int b) {
    ensure(1);
    bytes[length++] = (byte) b;
    return this;
  }

  /** Appends a text whose characters are all below 128; of others the low eight bits. */
  @SuppressWarnings("deprecation") // the one copy of a String's bytes that allocates nothing
  public LineBuffer appendAscii(String text) {
    int count = text.length();
    ensure(count);
    text.getBytes(0, count, bytes, length);
    length += count;
    return this;
  }

  /** Appends a text as UTF-8. */
  public LineBuffer appendUtf8(String text) {
    return append(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends a number in decimal, with a minus sign if it is negative. */
  public LineBuffer append(long number) {
    if (number >= 0) {
      return appendUnsigned(number);
    }
    appendByte('-');
    return appendUnsigned(-number); // of Long.MIN_VALUE: itself, which is right as unsigned
  }

  /** Appends a number in decimal, taking its 64 bits as unsigned. */
  public LineBuffer appendUnsigned(long number) {
    ensure(LONGEST_NUMBER);
    long rest = number;
    int end = length + digits(number);
    int at = end;
    if (rest < 0) {
      long quotient = Long.divideUnsigned(rest, 10);
      bytes[--at] = (byte) ('0' + (rest - quotient * 10));
      rest = quotient;
    }
    do {
      long quotient = rest / 10;
      bytes[--at] = (byte) ('0' + (rest - quotient * 10));
      rest = quotient;
    } while (rest != 0);
    length = end;
    return this;
  }

  private static int digits(long number) {
    if (number < 0) {
      return Long.compareUnsigned(number, -8446744073709551616L) < 0 ? 19 : 20;
    }
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  /** How many bytes were appended. */
  public int length() {
    return length;
  }

  /**
   * The bytes themselves, valid up to {@link #length()} and until the next append; not a copy, so
   * that a sink can write from it directly.
   */
  public byte[] array() {
    return bytes;
  }

  /**
   * Cuts to {@code newLength} bytes, or takes over bytes that were written to {@link #array()}
   * after {@link #ensure}.
   *
   * @throws IllegalArgumentException if it is negative or beyond the array
   */
  public void setLength(int newLength) {
    if (newLength < 0 || newLength > bytes.length) {
      throw new IllegalArgumentException(newLength + " is not within 0.." + bytes.length);
    }
    length = newLength;
  }

  /** Empties the buffer and keeps its memory. */
  public void clear() {
    length = 0;
  }

  /** Makes room for {@code more} bytes after {@link #length()}; may replace {@link #array()}. */
  public void ensure(int more) {
    if (bytes.length - length < more) {
      grow(more);
    }
  }

  private void grow(int more) {
    int needed = Math.addExact(length, more);
    int doubled = bytes.length > Integer.MAX_VALUE / 2 ? needed : bytes.length * 2;
    bytes = Arrays.copyOf(bytes, Math.max(needed, doubled));
  }

  /** A copy of what was appended. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** What was appended, decoded as UTF-8: for messages and tests. */
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
