package dev.custos.agent.spool;

import dev.custos.spi.event.FilePath;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/** Bytes that grow: integers big-endian, lengths as base-128 varints. Not thread-safe. */
final class RecordBuffer {
  private byte[] bytes;
  private int length;

  RecordBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  void setLength(int newLength) {
    length = newLength;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  void putByte(int value) {
    ensure(1);
    bytes[length++] = (byte) value;
  }

  /** A constant by its place, so the order of those that are stored must stay; a test holds it. */
  @SuppressWarnings("EnumOrdinal")
  void putConstant(Enum<?> constant) {
    putByte(constant.ordinal());
  }

  void putInt(int value) {
    ensure(4);
    setInt(length, value);
    length += 4;
  }

  void setInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  void putLong(long value) {
    putInt((int) (value >>> 32));
    putInt((int) value);
  }

  void putInstant(Instant time) {
    putLong(time.getEpochSecond());
    putInt(time.getNano());
  }

  /** An unsigned number: seven bits a byte, the lowest first. */
  void putVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  void putBytes(byte[] value) {
    putVarint(value.length);
    putRaw(value, 0, value.length);
  }

  void putRaw(byte[] source, int offset, int count) {
    ensure(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  void putText(String text) {
    putBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  void putPath(FilePath path) {
    int count = path.length();
    putVarint(count);
    ensure(count);
    path.copyTo(bytes, length);
    length += count;
  }

  void putMap(Map<String, String> map) {
    putVarint(map.size());
    for (Map.Entry<String, String> entry : map.entrySet()) {
      putText(entry.getKey());
      putText(entry.getValue());
    }
  }
}
