package dev.custos.agent.container;

import dev.custos.linux.FileDescriptor;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Which mounts are the host's own at one moment, so that no container's root is taken for the
 * host's or the other way round. By the mount tables of proc_pid_mountinfo(5), which may be read
 * also where {@code /proc/1/root} may not.
 */
final class HostFiles {
  /**
   * A mount, as far as it matters here.
   *
   * @param device major and minor number of its file system
   * @param root the directory of that file system which it shows
   */
  private record Mount(String device, String root) {}

  private final Map<String, Mount> hosts;
  private final Mount hostsRoot;

  private HostFiles(Map<String, Mount> hosts, Mount hostsRoot) {
    this.hosts = hosts;
    this.hostsRoot = hostsRoot;
  }

  /**
   * Looks at the first process of {@code proc}, which is the host's if the agent shares the host's
   * process ids.
   */
  static HostFiles look(Path proc) throws IOException {
    Map<String, Mount> hosts = new HashMap<>();
    Mount root = null;
    try (BufferedReader lines = open(proc.resolve("1"))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ", 6);
        if (fields.length == 6) {
          Mount mount = new Mount(fields[2], fields[3]);
          hosts.put(fields[0], mount);
          // Of several, the last covers the others.
          root = fields[4].equals("/") ? mount : root;
        }
      }
    }
    return new HostFiles(hosts, root);
  }

  private static BufferedReader open(Path process) throws IOException {
    return Files.newBufferedReader(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1);
  }

  /**
   * Whether a process's root directory is among the host's files, or is the host's root directory
   * mounted once more. A mount belongs to one mount namespace alone, and which one a descriptor is
   * on does not change, whatever its process does meanwhile.
   */
  boolean have(FileDescriptor root, Path process) throws IOException {
    String id = mountOf(root);
    if (hosts.containsKey(id)) {
      return true;
    }
    try (BufferedReader lines = open(process)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ", 6);
        if (fields.length == 6 && fields[0].equals(id)) {
          return new Mount(fields[2], fields[3]).equals(hostsRoot);
        }
      }
    }
    // Not in its own namespace: it has changed it meanwhile, and what it has now is unknown.
    return true;
  }

  /** proc_pid_fdinfo(5) has had it for longer than statx(2). */
  private static String mountOf(FileDescriptor file) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + file.number()))) {
      if (line.startsWith("mnt_id:")) {
        return line.substring("mnt_id:".length()).strip();
      }
    }
    throw new IOException("the kernel does not tell which mount a file is on");
  }
}
