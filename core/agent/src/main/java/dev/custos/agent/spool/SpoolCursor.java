package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The file that says how far a spool was acknowledged, by which run, and whether that run stopped
 * cleanly. Two slots are written in turn, each with a number that grows and a checksum: a write
 * that a crash tears leaves the one before. It is as large as it will ever be from the start, so a
 * full disk does not stop it. Guarded by the log's lock.
 */
final class SpoolCursor implements AutoCloseable {
  private static final int MAGIC = 0x43555253;
  private static final int SLOT = 128;
  private static final int USED = 4 + 8 + 4 + 16 + 8 + 8 + 8 + 8 + 4;
  // Different sectors, so that one lost write never takes both.
  private static final int STRIDE = 4096;

  /**
   * What the file says.
   *
   * @param clean whether the run stopped as it should
   * @param runId the run that wrote this
   * @param segment the segment that is read; all before it are done with
   * @param offset up to where it is acknowledged
   * @param lastSequence the last number of this run that is; 0 for none
   * @param lastTime that event's time, or when the run began
   */
  record Position(
      boolean clean,
      String runId,
      long segment,
      long offset,
      long lastSequence,
      Instant lastTime) {}

  private final FileChannel channel;
  private final ByteBuffer slot = ByteBuffer.allocate(SLOT);
  private final CRC32C checksum = new CRC32C();
  private final Optional<Position> found;
  private final boolean existed;
  private long generation;

  private SpoolCursor(FileChannel channel) throws IOException {
    this.channel = channel;
    this.existed = channel.size() > 0;
    Position latest = null;
    for (int i = 0; i < 2; i++) {
      Position position = read(i);
      if (position != null && slot.getLong(4) > generation) {
        generation = slot.getLong(4);
        latest = position;
      }
    }
    found = Optional.ofNullable(latest);
    if (channel.size() < STRIDE + SLOT) {
      channel.write(ByteBuffer.allocate(STRIDE + SLOT), 0);
    }
  }

  static SpoolCursor open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                LinkOption.NOFOLLOW_LINKS),
            SpoolDirectory.FILE_MODE);
    try {
      return new SpoolCursor(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** What the file said when it was opened. */
  Optional<Position> found() {
    return found;
  }

  /** Whether there was a file, readable or not. */
  boolean existed() {
    return existed;
  }

  private Position read(int index) throws IOException {
    slot.clear();
    int n = channel.read(slot, (long) index * STRIDE);
    if (n < SLOT || slot.getInt(0) != MAGIC || slot.getInt(USED) != checksum()) {
      return null;
    }
    try {
      return new Position(
          slot.getInt(12) != 0,
          new UUID(slot.getLong(16), slot.getLong(24)).toString(),
          slot.getLong(32),
          slot.getLong(40),
          slot.getLong(48),
          Instant.ofEpochSecond(slot.getLong(56), slot.getInt(64)));
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Writes a position. It outlives the process at once, and the machine from {@link #sync} on. */
  void write(Position position) throws IOException {
    generation++;
    UUID run = UUID.fromString(position.runId());
    slot.clear();
    slot.putInt(MAGIC).putLong(generation).putInt(position.clean() ? 1 : 0);
    slot.putLong(run.getMostSignificantBits()).putLong(run.getLeastSignificantBits());
    slot.putLong(position.segment()).putLong(position.offset()).putLong(position.lastSequence());
    Instant time = position.lastTime();
    slot.putLong(time.getEpochSecond());
    slot.putInt(time.getNano());
    slot.putInt(checksum());
    slot.clear();
    channel.write(slot, (generation & 1) * STRIDE);
  }

  private int checksum() {
    checksum.reset();
    checksum.update(slot.array(), 0, USED);
    return (int) checksum.getValue();
  }

  void sync() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
