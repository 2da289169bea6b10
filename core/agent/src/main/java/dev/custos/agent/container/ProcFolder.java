package dev.custos.agent.container;

import dev.custos.linux.SmallFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A process's folder in {@code /proc}.
 *
 * @param path {@code /proc/PID}, which is another process's once the id is given out again, or
 *     {@code /proc/self/fd/N} for a descriptor of such a folder, which never is
 * @param files reads what is in there; one for all that a thread looks at
 */
record ProcFolder(Path path, SmallFile files) {
  /** What {@code cgroup} holds. */
  String cgroup() throws IOException {
    return read("cgroup");
  }

  /** What {@code stat} holds. */
  ProcessStat stat() throws IOException {
    return ProcessStat.parse(read("stat"))
        .orElseThrow(() -> new IOException(path.resolve("stat") + " is not as proc(5) has it"));
  }

  /** The name by which it was started: the first string of {@code cmdline}. */
  String name() throws IOException {
    String line = read("cmdline");
    int end = line.indexOf('\0');
    String first = end < 0 ? line : line.substring(0, end);
    return first.substring(first.lastIndexOf('/') + 1);
  }

  /**
   * Byte by byte, since names may be of any. A cgroup's path has at most PATH_MAX bytes, and cgroup
   * v1 has a dozen hierarchies: all of that is read.
   */
  private String read(String file) throws IOException {
    return files.read(path + "/" + file);
  }
}
