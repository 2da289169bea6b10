package dev.custos.inotify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * File names, packed: a byte of length and the bytes. A hundred thousand names cost a megabyte here
 * and five as arrays of their own. Names are never freed one by one; whoever uses the arena copies
 * the live ones into a new one when {@link #isMostlyDead} says so.
 */
final class NameArena {
  private static final int CHUNK_BITS = 16;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int WORTH_COMPACTING = 4 * CHUNK;

  private final List<byte[]> chunks = new ArrayList<>();
  private int used = CHUNK;
  private long live;
  private long dead;

  /** Keeps a name of 1 to 255 bytes and returns what it is found by. */
  int add(byte[] source, int offset, int length) {
    if (used + 1 + length > CHUNK) {
      chunks.add(new byte[CHUNK]);
      used = 0;
    }
    byte[] chunk = chunks.get(chunks.size() - 1);
    int reference = (chunks.size() - 1) << CHUNK_BITS | used;
    chunk[used++] = (byte) length;
    System.arraycopy(source, offset, chunk, used, length);
    used += length;
    live += 1 + length;
    return reference;
  }

  void discard(int reference) {
    int size = 1 + length(reference);
    live -= size;
    dead += size;
  }

  boolean isMostlyDead() {
    return dead > WORTH_COMPACTING && dead > live;
  }

  int length(int reference) {
    return chunks.get(reference >>> CHUNK_BITS)[reference & (CHUNK - 1)] & 0xff;
  }

  void copyTo(int reference, byte[] target, int offset) {
    byte[] chunk = chunks.get(reference >>> CHUNK_BITS);
    int at = reference & (CHUNK - 1);
    System.arraycopy(chunk, at + 1, target, offset, chunk[at] & 0xff);
  }

  boolean equals(int reference, byte[] name, int offset, int length) {
    byte[] chunk = chunks.get(reference >>> CHUNK_BITS);
    int at = reference & (CHUNK - 1);
    return (chunk[at] & 0xff) == length
        && Arrays.equals(chunk, at + 1, at + 1 + length, name, offset, offset + length);
  }

  int hash(int reference) {
    byte[] chunk = chunks.get(reference >>> CHUNK_BITS);
    int at = reference & (CHUNK - 1);
    return hash(chunk, at + 1, chunk[at] & 0xff);
  }

  static int hash(byte[] name, int offset, int length) {
    int h = 0x811c9dc5;
    for (int i = offset; i < offset + length; i++) {
      h = (h ^ (name[i] & 0xff)) * 0x01000193;
    }
    return h;
  }
}
