package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/** The files of a spool by their names and first bytes. */
final class SegmentFiles {
  /** Magic (8), version (4), number (8), run id (16), end of the segment before (8), CRC32C (4). */
  static final int HEADER = 48;

  static final int VERSION = 2;
  static final String SEGMENT = ".seg";
  static final String GAP = ".gap";
  static final String UNFINISHED = ".new";

  private static final byte[] MAGIC = "CUSTOSSP".getBytes(StandardCharsets.US_ASCII);
  private static final SpoolLoss.Cause[] CAUSES = SpoolLoss.Cause.values();
  private static final int MAX_GAP = 256;

  private SegmentFiles() {}

  /** What a gap's file holds: {@code through} is the last segment whose place it takes. */
  record Gap(SpoolLoss loss, long through) {}

  static Path segment(Path directory, long number) {
    return directory.resolve(name(number) + SEGMENT);
  }

  static Path gap(Path directory, long number) {
    return directory.resolve(name(number) + GAP);
  }

  private static String name(long number) {
    String digits = Long.toString(number);
    return "0".repeat(Math.max(0, 16 - digits.length())) + digits;
  }

  /** The number in a file's name; negative if the name is none of ours. */
  static long number(String fileName, String suffix) {
    int digits = fileName.length() - suffix.length();
    if (!fileName.endsWith(suffix) || digits < 1 || digits > 18) {
      return -1;
    }
    for (int i = 0; i < digits; i++) {
      if (fileName.charAt(i) < '0' || fileName.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(fileName.substring(0, digits));
  }

  /**
   * Makes a new segment with its header written, and opens it.
   *
   * @param previousEnd where the segment before it ends, so that a disk that forgets whole records
   *     of that one's end is found out
   */
  static FileChannel create(SpoolDisk disk, Path file, long number, String runId, long previousEnd)
      throws IOException {
    // What a crash or a failed try left under this name holds no record that counts.
    Files.deleteIfExists(file);
    FileChannel channel = disk.create(file);
    try {
      writeFully(channel, ByteBuffer.wrap(header(number, runId, previousEnd)), 0);
      return channel;
    } catch (IOException e) {
      channel.close();
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private static byte[] header(long number, String runId, long previousEnd) {
    RecordBuffer out = new RecordBuffer(HEADER);
    out.putRaw(MAGIC, 0, MAGIC.length);
    out.putInt(VERSION);
    out.putLong(number);
    putRun(runId, out);
    out.putLong(previousEnd);
    out.putInt(checksum(out.array(), out.length()));
    return out.toByteArray();
  }

  /** Where the segment before ends, by a header that {@link #runOf} found whole. */
  static long previousEnd(byte[] head) {
    return RecordInput.longAt(head, HEADER - 12);
  }

  /** The run in a segment's header; empty if that is not whole. */
  static Optional<String> runOf(byte[] head, int length, long number) {
    if (length < HEADER
        || !Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        || RecordInput.intAt(head, 8) != VERSION
        || RecordInput.longAt(head, 12) != number
        || RecordInput.intAt(head, HEADER - 4) != checksum(head, HEADER - 4)) {
      return Optional.empty();
    }
    return Optional.of(run(RecordInput.longAt(head, 20), RecordInput.longAt(head, 28)));
  }

  /**
   * Stores a gap, whole or not at all.
   *
   * @param sync whether it is to outlive the machine, too
   */
  static void writeGap(Path file, SpoolLoss loss, long through, boolean sync) throws IOException {
    RecordBuffer out = new RecordBuffer(MAX_GAP);
    out.putRaw(MAGIC, 0, MAGIC.length);
    out.putInt(VERSION);
    putRun(loss.runId(), out);
    out.putLong(through);
    out.putConstant(loss.cause());
    out.putLong(loss.firstSequence());
    out.putLong(loss.lastSequence());
    out.putLong(loss.count().orElse(-1));
    out.putInstant(loss.from());
    out.putInstant(loss.to());
    out.putInt(checksum(out.array(), out.length()));
    Path fresh = file.resolveSibling(file.getFileName() + UNFINISHED);
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
            SpoolDirectory.FILE_MODE)) {
      writeFully(channel, ByteBuffer.wrap(out.array(), 0, out.length()), 0);
      if (sync) {
        channel.force(true);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a gap's file says; empty if it is not whole. */
  static Optional<Gap> readGap(Path file) throws IOException {
    byte[] bytes;
    try (var stream = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      bytes = stream.readNBytes(MAX_GAP);
    }
    int end = bytes.length - 4;
    if (end < MAGIC.length
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
        || RecordInput.intAt(bytes, end) != checksum(bytes, end)) {
      return Optional.empty();
    }
    RecordInput in = new RecordInput();
    in.set(bytes, MAGIC.length, end);
    try {
      if (in.getInt() != VERSION) {
        return Optional.empty();
      }
      String runId = run(in.getLong(), in.getLong());
      long through = in.getLong();
      SpoolLoss.Cause cause = in.getConstant(CAUSES);
      long first = in.getLong();
      long last = in.getLong();
      long count = in.getLong();
      Instant from = in.getInstant();
      Instant to = in.getInstant();
      OptionalLong known = count < 0 ? OptionalLong.empty() : OptionalLong.of(count);
      return Optional.of(
          new Gap(new SpoolLoss(cause, runId, first, last, known, from, to), through));
    } catch (UnreadableRecordException e) {
      return Optional.empty();
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  private static void putRun(String runId, RecordBuffer out) {
    UUID run = UUID.fromString(runId);
    out.putLong(run.getMostSignificantBits());
    out.putLong(run.getLeastSignificantBits());
  }

  private static String run(long most, long least) {
    return new UUID(most, least).toString();
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }
}
