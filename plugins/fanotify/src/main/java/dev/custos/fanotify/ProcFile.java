package dev.custos.fanotify;

import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the files of a process below {@code /proc}, see proc(5). Makes no object; not thread-safe.
 *
 * <p>A number names another process once the one that had it is gone. A process that waits for an
 * answer is not gone, and the kernel takes an answer only as long as it waits: what was read before
 * an answer that the kernel took is therefore about the process that asked.
 */
final class ProcFile {
  private static final int SIZE = 4096;
  private static final byte[] PROC = ascii("/proc/");

  private final byte[] path = new byte[64];
  private final PathBuffer pathBuffer = new PathBuffer();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
  private int length;

  /** A name as the methods here take it. */
  static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads the beginning of a file, 4096 bytes at most.
   *
   * @param name as in {@code /status}
   * @return whether there was anything
   */
  boolean read(int pid, byte[] name) {
    length = 0;
    int fd = open(pid, name, Fanotify.O_RDONLY);
    if (fd < 0) {
      return false;
    }
    length = Math.max(0, (int) FanotifyLibrary.CALLS.read(fd, buffer.clear(), SIZE));
    FanotifyLibrary.CALLS.close(fd);
    return length > 0;
  }

  /**
   * A handle on what a file or a magic link such as {@code /exe} leads to. Asks no file system
   * anything.
   *
   * @return the descriptor, or a negative number
   */
  int handle(int pid, byte[] name) {
    return open(pid, name, Fanotify.O_PATH);
  }

  private int open(int pid, byte[] name, int flags) {
    if (pid <= 0) {
      return -1;
    }
    int at = PROC.length;
    System.arraycopy(PROC, 0, path, 0, at);
    int divisor = 1;
    while (pid / divisor >= 10) {
      divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10) {
      path[at++] = (byte) ('0' + pid / divisor % 10);
    }
    System.arraycopy(name, 0, path, at, name.length);
    return FanotifyLibrary.CALLS.openat(
        Fanotify.AT_FDCWD,
        pathBuffer.path(path, 0, at + name.length),
        flags | Fanotify.O_CLOEXEC,
        0);
  }

  /** One that has read this text. */
  static ProcFile holding(String text) {
    ProcFile file = new ProcFile();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    file.buffer.put(0, bytes);
    file.length = bytes.length;
    return file;
  }

  /** How much the last {@link #read} got. */
  int length() {
    return length;
  }

  byte at(int index) {
    return buffer.get(index);
  }

  void copy(int from, byte[] to, int count) {
    buffer.get(from, to, 0, count);
  }

  /** Where the value of a line {@code key:<tab>value} begins, or -1 if there is no such line. */
  int valueOf(byte[] key) {
    int line = 0;
    while (line < length) {
      if (startsWith(line, key)) {
        return line + key.length;
      }
      while (line < length && buffer.get(line) != '\n') {
        line++;
      }
      line++;
    }
    return -1;
  }

  private boolean startsWith(int at, byte[] key) {
    if (at + key.length > length) {
      return false;
    }
    for (int i = 0; i < key.length; i++) {
      if (buffer.get(at + i) != key[i]) {
        return false;
      }
    }
    return true;
  }

  /** Where the line ends that an index is in. */
  int endOfLine(int from) {
    int end = from;
    while (end < length && buffer.get(end) != '\n') {
      end++;
    }
    return end;
  }

  /** The {@code index}th of the numbers from here on, that tabs or spaces divide; -1 if none. */
  long number(int from, int index) {
    int end = endOfLine(from);
    int at = from;
    for (int i = 0; at < end; i++) {
      long number = 0;
      int digits = 0;
      for (; at < end && isDigit(buffer.get(at)); at++) {
        number = number * 10 + buffer.get(at) - '0';
        digits++;
      }
      if (i == index) {
        return digits == 0 ? -1 : number;
      }
      while (at < end && !isDigit(buffer.get(at))) {
        at++;
      }
    }
    return -1;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
