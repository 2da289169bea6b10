package dev.custos.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where this machine's cgroup hierarchies are mounted: one with cgroup v2, several with v1. */
final class CgroupFolders {
  private CgroupFolders() {}

  /** Every hierarchy's root. */
  static List<Path> hierarchies() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      String type = line.substring(line.indexOf(" - ") + 3);
      if (type.startsWith("cgroup ") || type.startsWith("cgroup2 ")) {
        all.add(Path.of(line.split(" ", 6)[4]));
      }
    }
    return all;
  }

  /** Ends every process of a cgroup and of those below it, in every hierarchy. */
  static void killAll(String cgroup) throws IOException {
    for (Path hierarchy : hierarchies()) {
      Path folder = hierarchy.resolve(cgroup.substring(1));
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path list : files.filter(file -> file.endsWith("cgroup.procs")).toList()) {
            for (String pid : Files.readAllLines(list)) {
              ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
          }
        }
      }
    }
  }

  /** Removes a cgroup and those below it from every hierarchy, as far as they are empty. */
  static void remove(String cgroup) throws IOException {
    for (Path hierarchy : hierarchies()) {
      Path folder = hierarchy.resolve(cgroup.substring(1));
      if (Files.isDirectory(folder)) {
        try (Stream<Path> below = Files.walk(folder)) {
          for (Path one :
              below.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
            // A cgroup's files can't be deleted and need not be: rmdir(2) takes them along.
            boolean gone = one.toFile().delete();
            if (!gone && Files.exists(one)) {
              throw new IOException(one + " is still in use");
            }
          }
        }
      }
    }
  }
}
