package dev.custos.fanotify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The marks that the kernel has in a group, as proc_pid_fdinfo(5) lists them. */
final class PlacedMarks {
  private final List<String> lines;

  private PlacedMarks(List<String> lines) {
    this.lines = lines;
  }

  static PlacedMarks of(int group) throws IOException {
    return of(Files.readAllLines(Path.of("/proc/self/fdinfo/" + group)));
  }

  static PlacedMarks of(List<String> fdinfo) {
    return new PlacedMarks(fdinfo.stream().filter(PlacedMarks::isMark).toList());
  }

  /** Inodes begin with {@code ino:}, whole file systems with {@code sdev:}. */
  private static boolean isMark(String line) {
    return line.startsWith("fanotify ino:") || line.startsWith("fanotify sdev:");
  }

  int count() {
    return lines.size();
  }

  /** Whether there is one on this object, or on another that can't be told from it here. */
  boolean has(ObjectId id) {
    String inode = "fanotify ino:" + Long.toHexString(id.inode()) + " ";
    String handle = id.handleHex();
    return lines.stream().anyMatch(line -> isOn(line, inode, handle));
  }

  private static boolean isOn(String line, String inode, String handle) {
    boolean byHandle = !handle.isEmpty() && line.contains("f_handle:");
    return byHandle ? line.endsWith("f_handle:" + handle) : line.startsWith(inode);
  }
}
