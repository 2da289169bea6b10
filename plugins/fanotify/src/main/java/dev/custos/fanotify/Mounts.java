package dev.custos.fanotify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The mounts of a process's namespace at one moment, by proc_pid_mountinfo(5). Immutable. */
final class Mounts {
  private final Map<Long, Mount> byId;

  /**
   * A mount.
   *
   * @param device major and minor number, as {@link dev.custos.linux.FileStatus#device()} has them
   * @param root which directory of its file system it shows
   * @param point where, as its process sees it; each byte a character of ISO 8859-1
   * @param type the file system's, such as {@code ext4} or {@code fuse.sshfs}
   */
  record Mount(long id, long device, String root, String point, String type) {
    boolean showsAll() {
      return root.equals("/");
    }
  }

  private Mounts(Map<Long, Mount> byId) {
    this.byId = byId;
  }

  static Mounts of(Stream<String> lines) {
    Map<Long, Mount> mounts = new HashMap<>();
    lines.forEach(line -> parse(line).ifPresent(mount -> mounts.put(mount.id(), mount)));
    return new Mounts(Map.copyOf(mounts));
  }

  static Mounts read(Path table) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.ISO_8859_1)) {
      return of(lines.lines());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** {@code 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue}. */
  private static Optional<Mount> parse(String line) {
    String[] fields = line.split(" ", -1);
    int dash = 6;
    while (dash < fields.length && !fields[dash].equals("-")) {
      dash++;
    }
    if (dash + 1 >= fields.length) {
      return Optional.empty();
    }
    try {
      String[] device = fields[2].split(":", 2);
      long number = Long.parseLong(device[0]) << 32 | Long.parseLong(device[1]);
      return Optional.of(
          new Mount(Long.parseLong(fields[0]), number, fields[3], fields[4], fields[dash + 1]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException notThisForm) {
      return Optional.empty();
    }
  }

  /** The mount with an id, or null: one of another namespace, or younger than this table. */
  Mount byId(long id) {
    return byId.get(id);
  }

  /** Those that show something of a device. */
  Stream<Mount> of(long device) {
    return byId.values().stream().filter(mount -> mount.device() == device);
  }

  /** Whether the same mounts are there as in another table of the namespace. */
  boolean sameAs(Mounts other) {
    return byId.equals(other.byId);
  }
}
