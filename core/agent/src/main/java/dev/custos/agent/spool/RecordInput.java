package dev.custos.agent.spool;

import dev.custos.spi.event.FilePath;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads what {@link RecordBuffer} wrote, from bytes that may hold anything: it never reads past its
 * end, and allocates no more than what is there warrants. Not thread-safe.
 */
final class RecordInput {
  private byte[] bytes = new byte[0];
  private int position;
  private int end;

  void set(byte[] source, int from, int to) {
    bytes = source;
    position = from;
    end = to;
  }

  byte[] array() {
    return bytes;
  }

  int position() {
    return position;
  }

  int remaining() {
    return end - position;
  }

  private int take(int count) throws UnreadableRecordException {
    if (count > end - position) {
      throw new UnreadableRecordException("it ends too early");
    }
    int at = position;
    position += count;
    return at;
  }

  int getByte() throws UnreadableRecordException {
    return bytes[take(1)] & 0xff;
  }

  int getInt() throws UnreadableRecordException {
    return intAt(bytes, take(4));
  }

  long getLong() throws UnreadableRecordException {
    return longAt(bytes, take(8));
  }

  static int intAt(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }

  static long longAt(byte[] bytes, int at) {
    return (long) intAt(bytes, at) << 32 | (intAt(bytes, at + 4) & 0xffffffffL);
  }

  Instant getInstant() throws UnreadableRecordException {
    long seconds = getLong();
    int nanos = getInt();
    if (nanos < 0 || nanos >= 1_000_000_000) {
      throw new UnreadableRecordException("a time has " + nanos + " ns");
    }
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException e) {
      throw new UnreadableRecordException("a time is out of range");
    }
  }

  long getVarint() throws UnreadableRecordException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = getByte();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new UnreadableRecordException("a number does not end");
  }

  /** A length that what is left can hold. */
  int getLength() throws UnreadableRecordException {
    long length = getVarint();
    if (length < 0 || length > remaining()) {
      throw new UnreadableRecordException("a length is beyond its end");
    }
    return (int) length;
  }

  /** Moves past {@code count} bytes and returns where they begin. */
  int skip(int count) throws UnreadableRecordException {
    return take(count);
  }

  String getText() throws UnreadableRecordException {
    int length = getLength();
    return new String(bytes, take(length), length, StandardCharsets.UTF_8);
  }

  FilePath getPath() throws UnreadableRecordException {
    int length = getLength();
    return FilePath.ofBytes(bytes, take(length), length);
  }

  Map<String, String> getMap() throws UnreadableRecordException {
    long size = getVarint();
    // Each entry takes two bytes at the least.
    if (size < 0 || size > remaining() / 2) {
      throw new UnreadableRecordException("a map is beyond its end");
    }
    Map<String, String> map = new TreeMap<>();
    for (long i = 0; i < size; i++) {
      String key = getText();
      map.put(key, getText());
    }
    return map;
  }

  <E extends Enum<E>> E getConstant(E[] constants) throws UnreadableRecordException {
    int ordinal = getByte();
    if (ordinal >= constants.length) {
      throw new UnreadableRecordException(
          "it knows a "
              + constants.getClass().getComponentType().getSimpleName()
              + " that this version does not");
    }
    return constants[ordinal];
  }
}
