package dev.custos.spi.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A path or a file name as the kernel knows it: bytes, not text. Its {@link #toString()} is the
 * {@link Printable} form, which is safe to log; the bytes themselves are for system calls.
 */
public final class FilePath implements Comparable<FilePath> {
  /** No name at all: what an event on a watched object itself bears as its file. */
  public static final FilePath EMPTY = new FilePath(new byte[0]);

  private final byte[] bytes;
  // Computed on demand; two threads may both do so, and get equal arrays.
  private byte[] printable;

  private FilePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The path whose UTF-8 form is {@code path}. */
  public static FilePath of(String path) {
    return new FilePath(path.getBytes(StandardCharsets.UTF_8));
  }

  /** A path of a copy of these bytes. */
  public static FilePath ofBytes(byte[] source, int offset, int length) {
    return length == 0 ? EMPTY : new FilePath(Arrays.copyOfRange(source, offset, offset + length));
  }

  /** A path of a copy of these bytes. */
  public static FilePath ofBytes(byte[] source) {
    return ofBytes(source, 0, source.length);
  }

  /**
   * {@code this/name}, with a single slash between the two; this path itself if there is no name.
   */
  public FilePath resolve(FilePath name) {
    if (name.isEmpty()) {
      return this;
    }
    boolean slash = bytes.length > 0 && bytes[bytes.length - 1] != '/';
    byte[] joined = Arrays.copyOf(bytes, bytes.length + (slash ? 1 : 0) + name.bytes.length);
    if (slash) {
      joined[bytes.length] = '/';
    }
    System.arraycopy(name.bytes, 0, joined, joined.length - name.bytes.length, name.bytes.length);
    return new FilePath(joined);
  }

  public int length() {
    return bytes.length;
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  public byte byteAt(int index) {
    return bytes[index];
  }

  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** Copies all bytes to {@code target} from {@code offset} on. */
  public void copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, bytes.length);
  }

  /** Whether the bytes are well-formed UTF-8, so that {@link #text()} loses nothing. */
  public boolean isText() {
    return Utf8.isWellFormed(bytes);
  }

  /** The bytes decoded as UTF-8, <em>not</em> escaped; malformed parts become U+FFFD. */
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** How many bytes {@link #copyPrintableTo} writes. */
  public int printableLength() {
    return printable().length;
  }

  /** Copies the {@link Printable} form, as UTF-8, to {@code target} from {@code offset} on. */
  public void copyPrintableTo(byte[] target, int offset) {
    byte[] p = printable();
    System.arraycopy(p, 0, target, offset, p.length);
  }

  private byte[] printable() {
    byte[] p = printable;
    if (p == null) {
      p = Printable.escape(bytes);
      printable = p;
    }
    return p;
  }

  @Override
  public int compareTo(FilePath other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FilePath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The {@link Printable} form. */
  @Override
  public String toString() {
    return new String(printable(), StandardCharsets.UTF_8);
  }
}
