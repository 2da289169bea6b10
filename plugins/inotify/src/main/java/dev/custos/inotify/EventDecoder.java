package dev.custos.inotify;

import java.nio.ByteBuffer;

/** Takes apart what read(2) gave of an inotify descriptor; the layout is that of inotify(7). */
final class EventDecoder {
  /** Takes one record; {@code name} holds {@code length} bytes and is only good during the call. */
  interface Consumer {
    void event(int wd, int mask, int cookie, byte[] name, int length);
  }

  private static final int HEADER = 16;
  private static final int FEW = 1024;

  /**
   * The records on the heap: one copy of all is cheaper than a call into direct memory for each
   * field of each.
   */
  private byte[] records = new byte[0];

  /** NAME_MAX is 255, but vfat and FUSE have longer names: it grows. */
  private byte[] name = new byte[256];

  private long position;

  /** How many bytes of the queue came before the record that is told now. */
  long position() {
    return position;
  }

  /** Nothing is expected for now: gives back the room that a burst took. */
  void rest() {
    if (records.length > FEW) {
      records = new byte[0];
    }
  }

  /**
   * Decodes {@code length} bytes. The kernel never cuts a record, so a partial one is a fault.
   *
   * @return how many records there were
   */
  int decode(ByteBuffer buffer, int length, Consumer consumer) {
    if (records.length < length) {
      records = new byte[length <= FEW ? FEW : buffer.capacity()];
    }
    buffer.get(0, records, 0, length);
    int events = 0;
    for (int at = 0; at < length; events++) {
      if (length - at < HEADER) {
        throw new IllegalArgumentException("a record of " + (length - at) + " bytes");
      }
      int padded = int32(at + 12);
      if (padded < 0 || padded > length - at - HEADER) {
        throw new IllegalArgumentException("a name of " + padded + " bytes");
      }
      int n = 0;
      if (padded > 0) {
        if (padded > name.length) {
          name = new byte[padded];
        }
        System.arraycopy(records, at + HEADER, name, 0, padded);
        while (n < padded && name[n] != 0) {
          n++;
        }
      }
      consumer.event(int32(at), int32(at + 4), int32(at + 8), name, n);
      at += HEADER + padded;
      position += HEADER + padded;
    }
    return events;
  }

  /** The byte order of both processors that are supported. */
  private int int32(int at) {
    return (records[at] & 0xff)
        | (records[at + 1] & 0xff) << 8
        | (records[at + 2] & 0xff) << 16
        | records[at + 3] << 24;
  }
}
