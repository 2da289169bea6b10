package dev.custos.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A process's mounts, and where they changed: {@code mountinfo} of proc_pid_mountinfo(5). It stays
 * with the process that it was opened for, whoever gets its id later. Not thread-safe.
 */
public final class MountTable implements AutoCloseable {
  /**
   * A mounted file system.
   *
   * @param point where, as the process sees it, each byte a character of ISO 8859-1
   * @param type its name in filesystems(5), such as {@code ext4} or {@code fuse.sshfs}
   */
  public record Mount(String point, String type) {}

  private final FileDescriptor descriptor;

  // As text, "ID POINT" in lines with the point as the kernel writes it: a tenth of what a map
  // takes, and a node has a table for each container.
  private String mounted;

  private MountTable(FileDescriptor descriptor) throws IOException {
    this.descriptor = descriptor;
    this.mounted = read();
  }

  /** Opens the table and reads it once. */
  public static MountTable open(Path file) throws IOException {
    byte[] bytes = file.toString().getBytes(StandardCharsets.UTF_8);
    int fd = Libc.LIBRARY.openat(-1, PathBuffer.once(bytes), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new NativeException("open", file.toString(), Libc.errno());
    }
    FileDescriptor descriptor = new FileDescriptor(fd);
    try {
      return new MountTable(descriptor);
    } catch (IOException e) {
      descriptor.close();
      throw e;
    }
  }

  /** To be waited on with {@link Poller#CHANGED}. */
  public int number() {
    return descriptor.number();
  }

  /**
   * Where something was mounted or unmounted since the last call, as paths that the process sees,
   * each byte a character of ISO 8859-1.
   */
  public Set<String> changes() throws IOException {
    Map<String, String> before = pointsById(mounted);
    mounted = read();
    Map<String, String> after = pointsById(mounted);
    Set<String> changed = new HashSet<>();
    before.forEach((id, point) -> addUnless(point.equals(after.get(id)), point, changed));
    after.forEach((id, point) -> addUnless(point.equals(before.get(id)), point, changed));
    return changed;
  }

  private static void addUnless(boolean same, String point, Set<String> changed) {
    if (!same) {
      changed.add(point);
    }
  }

  /** What is mounted now, in the order in which it was. */
  public List<Mount> types() throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (String line : lines()) {
      // Optional fields of any number end with a dash; the type follows.
      String[] fields = line.split(" ", 6);
      int dash = line.indexOf(" - ");
      if (fields.length == 6 && dash >= 0) {
        mounts.add(new Mount(unescape(fields[4]), line.substring(dash + 3).split(" ", 2)[0]));
      }
    }
    return mounts;
  }

  private String read() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : lines()) {
      String[] fields = line.split(" ", 6);
      if (fields.length == 6) {
        text.append(fields[0]).append(' ').append(fields[4]).append('\n');
      }
    }
    return text.toString();
  }

  private static Map<String, String> pointsById(String mounted) {
    Map<String, String> points = new HashMap<>();
    mounted
        .lines()
        .forEach(
            line -> {
              int space = line.indexOf(' ');
              points.put(line.substring(0, space), unescape(line.substring(space + 1)));
            });
    return points;
  }

  private List<String> lines() throws IOException {
    // Opened anew for its offset; through the descriptor, so that it is the same process's.
    Path file = Path.of("/proc/self/fd/" + descriptor.number());
    return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
  }

  /** Space, tab, newline and backslash are written as a backslash and three octal digits. */
  private static String unescape(String field) {
    int at = field.indexOf('\\');
    if (at < 0) {
      return field;
    }
    StringBuilder text = new StringBuilder(field.length());
    int from = 0;
    while (at >= 0 && at + 3 < field.length()) {
      text.append(field, from, at);
      text.append((char) Integer.parseInt(field, at + 1, at + 4, 8));
      from = at + 4;
      at = field.indexOf('\\', from);
    }
    return text.append(field, from, field.length()).toString();
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
