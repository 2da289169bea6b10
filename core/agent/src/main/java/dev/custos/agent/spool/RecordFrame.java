package dev.custos.agent.spool;

import java.time.Instant;
import java.util.zip.CRC32C;

/**
 * How a record stands in a segment: length of the body and CRC32C of the body, four bytes each;
 * then the body: sequence (8), time (8 + 4), how many events it stands for plus one (varint, 0 for
 * unknown), flags (1), the line's length (varint) and the line, the event.
 *
 * <p>A view on the record that was parsed last. Not thread-safe.
 */
final class RecordFrame {
  static final int HEADER = 8;

  /** Sequence, time, count, flags, an empty line, version and type: nothing valid is shorter. */
  static final int MIN_BODY = 25;

  /** Longer than any event whose parts the kernel and Kubernetes bound. */
  static final int MAX_BODY = 256 << 10;

  static final int FLAG_GAP = 1;

  private final CRC32C checksum = new CRC32C();
  private final RecordInput in = new RecordInput();
  private long sequence;
  private Instant time;
  private long stands;
  private boolean gap;
  private int lineStart;
  private int lineLength;
  private int end;

  /** What may come of looking at some bytes. */
  enum Result {
    WHOLE,
    /** The bytes end before the record does. */
    CUT,
    /** No record of ours: its length is impossible, or its checksum differs. */
    BAD
  }

  /** How long the record at {@code at} says that it is; negative if that can't be. */
  static int lengthAt(byte[] bytes, int at) {
    int body = RecordInput.intAt(bytes, at);
    return body < MIN_BODY || body > MAX_BODY ? -1 : HEADER + body;
  }

  /** Looks at the record that begins at {@code at}, with no more bytes than {@code limit}. */
  Result parse(byte[] bytes, int at, int limit) {
    if (limit - at < HEADER) {
      return Result.CUT;
    }
    int length = lengthAt(bytes, at);
    if (length < 0) {
      return Result.BAD;
    }
    if (limit - at < length) {
      return Result.CUT;
    }
    checksum.reset();
    checksum.update(bytes, at + HEADER, length - HEADER);
    if ((int) checksum.getValue() != RecordInput.intAt(bytes, at + 4)) {
      return Result.BAD;
    }
    end = at + length;
    in.set(bytes, at + HEADER, end);
    try {
      sequence = in.getLong();
      time = in.getInstant();
      stands = in.getVarint() - 1;
      gap = (in.getByte() & FLAG_GAP) != 0;
      lineLength = in.getLength();
      lineStart = in.skip(lineLength);
      return Result.WHOLE;
    } catch (UnreadableRecordException e) {
      // The checksum is right, and yet this is not what any version of us writes.
      return Result.BAD;
    }
  }

  /** What is left of the record after the line: the event. */
  RecordInput event() {
    return in;
  }

  long sequence() {
    return sequence;
  }

  Instant time() {
    return time;
  }

  /** For how many events it stands; negative if unknown. */
  long stands() {
    return stands;
  }

  boolean isGap() {
    return gap;
  }

  int lineStart() {
    return lineStart;
  }

  int lineLength() {
    return lineLength;
  }

  int end() {
    return end;
  }
}
