package dev.custos.agent.spool;

import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import java.util.zip.CRC32C;

/** Records that are to be appended in one write. Belongs to the thread that appends. */
public final class RecordChunk {
  /** From this size on it is time to append; larger ones make no write cheaper. */
  private static final int FULL = 64 << 10;

  private final EventEncoder encoder = new EventEncoder();
  private final CRC32C checksum = new CRC32C();
  private final RecordBuffer bytes = new RecordBuffer(8 << 10);
  private final Extent extent = new Extent();

  /**
   * Adds a record.
   *
   * @param gap whether the event is this sink's own report of a loss
   * @return false if it is too long for any record; then nothing was added
   */
  public boolean add(IntegrityEvent event, long sequence, boolean gap, byte[] line) {
    int start = bytes.length();
    long stands = gap && event instanceof EventsLost lost ? lost.count().orElse(-1) : 1;
    bytes.putLong(0);
    bytes.putLong(sequence);
    bytes.putInstant(event.time());
    bytes.putVarint(stands + 1);
    bytes.putByte(gap ? RecordFrame.FLAG_GAP : 0);
    bytes.putBytes(line);
    encoder.encode(event, bytes);
    int body = bytes.length() - start - RecordFrame.HEADER;
    if (body > RecordFrame.MAX_BODY) {
      bytes.setLength(start);
      return false;
    }
    checksum.reset();
    checksum.update(bytes.array(), start + RecordFrame.HEADER, body);
    bytes.setInt(start, body);
    bytes.setInt(start + 4, (int) checksum.getValue());
    extent.add(sequence, stands, event.time());
    return true;
  }

  public boolean isFull() {
    return bytes.length() >= FULL;
  }

  public boolean isEmpty() {
    return bytes.length() == 0;
  }

  public void clear() {
    bytes.setLength(0);
    extent.clear();
  }

  byte[] array() {
    return bytes.array();
  }

  int length() {
    return bytes.length();
  }

  Extent extent() {
    return extent;
  }
}
