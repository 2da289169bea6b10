package dev.custos.inotify;

import java.nio.ByteBuffer;

/** Takes apart what read(2) gave of an inotify descriptor; the layout is that of inotify(7). */
final class EventDecoder {
  /** Takes one record; {@code name} holds {@code length} bytes and is only good during the call. */
  interface Consumer {
    void event(int wd, int mask, int cookie, byte[] name, int length);
  }

  private static final int HEADER = 16;

  /** NAME_MAX is 255, but vfat and FUSE have longer names: it grows. */
  private byte[] name = new byte[256];

  /**
   * Decodes {@code length} bytes. The kernel never cuts a record, so a partial one is a fault.
   *
   * @return how many records there were
   */
  int decode(ByteBuffer buffer, int length, Consumer consumer) {
    int events = 0;
    for (int at = 0; at < length; events++) {
      if (length - at < HEADER) {
        throw new IllegalArgumentException("a record of " + (length - at) + " bytes");
      }
      int padded = buffer.getInt(at + 12);
      if (padded < 0 || padded > length - at - HEADER) {
        throw new IllegalArgumentException("a name of " + padded + " bytes");
      }
      int n = 0;
      if (padded > 0) {
        if (padded > name.length) {
          name = new byte[padded];
        }
        buffer.get(at + HEADER, name, 0, padded);
        while (n < padded && name[n] != 0) {
          n++;
        }
      }
      consumer.event(buffer.getInt(at), buffer.getInt(at + 4), buffer.getInt(at + 8), name, n);
      at += HEADER + padded;
    }
    return events;
  }
}
