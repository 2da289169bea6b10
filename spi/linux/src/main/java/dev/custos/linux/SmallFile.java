package dev.custos.linux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads files that are small and many, those of proc(5) above all, with three system calls each and
 * no garbage but what is returned. Not thread-safe.
 */
public final class SmallFile {
  /** More of a file is not read: no file that this is for is larger. */
  public static final int MOST = 64 * 1024;

  private static final int FIRST = 4096;

  private final PathBuffer path = new PathBuffer();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(FIRST);

  /** What a file holds, each byte a character of ISO 8859-1. */
  public String read(String file) throws NativeException {
    byte[] name = file.getBytes(StandardCharsets.UTF_8);
    int fd =
        Libc.LIBRARY.openat(-1, path.path(name, 0, name.length), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new NativeException("open", file, Libc.errno());
    }
    try {
      return read(fd, file);
    } finally {
      Libc.LIBRARY.close(fd);
    }
  }

  private String read(int fd, String file) throws NativeException {
    buffer.clear();
    while (true) {
      long count = Libc.LIBRARY.read(fd, buffer, buffer.remaining());
      if (count < 0) {
        throw new NativeException("read", file, Libc.errno());
      }
      if (count == 0 || buffer.position() + count == MOST) {
        byte[] bytes = new byte[buffer.position() + (int) count];
        buffer.clear().get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
      }
      buffer.position(buffer.position() + (int) count);
      if (!buffer.hasRemaining()) {
        // proc(5) goes on where the last read ended.
        ByteBuffer larger = ByteBuffer.allocateDirect(buffer.capacity() * 2);
        buffer = larger.put(buffer.flip());
      }
    }
  }
}
