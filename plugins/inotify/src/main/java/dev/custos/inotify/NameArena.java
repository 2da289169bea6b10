package dev.custos.inotify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * File names, packed: two bytes of length and the bytes. A hundred thousand names cost a megabyte
 * here and five as arrays of their own. Names are never freed one by one; whoever uses the arena
 * copies the live ones into a new one when {@link #isMostlyDead} says so.
 */
final class NameArena {
  private static final int CHUNK_BITS = 16;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int FIRST_CHUNK = 512;
  private static final int HEADER = 2;
  private static final int WORTH_COMPACTING = 4 * CHUNK;

  private final List<byte[]> chunks = new ArrayList<>();
  private int used = CHUNK;
  private long live;
  private long dead;

  /**
   * Keeps a name and returns what it is found by. Most file systems end at 255 bytes; vfat and FUSE
   * have longer ones, but none beyond PATH_MAX could be used.
   */
  int add(byte[] source, int offset, int length) {
    byte[] chunk = roomFor(HEADER + length);
    int reference = (chunks.size() - 1) << CHUNK_BITS | used;
    chunk[used++] = (byte) (length >>> 8);
    chunk[used++] = (byte) length;
    System.arraycopy(source, offset, chunk, used, length);
    used += length;
    live += HEADER + length;
    return reference;
  }

  private byte[] roomFor(int size) {
    if (used + size > CHUNK) {
      chunks.add(new byte[chunks.isEmpty() ? Math.max(FIRST_CHUNK, size) : CHUNK]);
      used = 0;
    }
    int last = chunks.size() - 1;
    if (used + size > chunks.get(last).length) {
      // Only the first one is ever smaller: most containers have a few directories, and there are
      // hundreds of containers.
      int larger = Math.min(CHUNK, Math.max(2 * chunks.get(last).length, used + size));
      chunks.set(last, Arrays.copyOf(chunks.get(last), larger));
    }
    return chunks.get(last);
  }

  void discard(int reference) {
    int size = HEADER + length(reference);
    live -= size;
    dead += size;
  }

  boolean isMostlyDead() {
    return dead > WORTH_COMPACTING && dead > live;
  }

  int length(int reference) {
    return length(chunks.get(reference >>> CHUNK_BITS), reference & (CHUNK - 1));
  }

  private static int length(byte[] chunk, int at) {
    return (chunk[at] & 0xff) << 8 | (chunk[at + 1] & 0xff);
  }

  void copyTo(int reference, byte[] target, int offset) {
    byte[] chunk = chunks.get(reference >>> CHUNK_BITS);
    int at = reference & (CHUNK - 1);
    System.arraycopy(chunk, at + HEADER, target, offset, length(chunk, at));
  }

  boolean equals(int reference, byte[] name, int offset, int length) {
    byte[] chunk = chunks.get(reference >>> CHUNK_BITS);
    int at = reference & (CHUNK - 1);
    int start = at + HEADER;
    return length(chunk, at) == length
        && Arrays.equals(chunk, start, start + length, name, offset, offset + length);
  }

  int hash(int reference) {
    byte[] chunk = chunks.get(reference >>> CHUNK_BITS);
    int at = reference & (CHUNK - 1);
    return hash(chunk, at + HEADER, length(chunk, at));
  }

  static int hash(byte[] name, int offset, int length) {
    int h = 0x811c9dc5;
    for (int i = offset; i < offset + length; i++) {
      h = (h ^ (name[i] & 0xff)) * 0x01000193;
    }
    return h;
  }
}
