package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells a Kubernetes {@code emptyDir} from other directories, by proc_pid_mountinfo(5). The kubelet
 * makes it with mode 0777 and no sticky bit, and only the pod's own containers that mount it reach
 * it. Nobody without privileges can make another directory look so: it takes a mount.
 */
final class PodVolume {
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final String EMPTY_DIR = "/volumes/kubernetes.io~empty-dir/";
  private static final int ROOT = 3;
  private static final int MOUNT_POINT = 4;

  private PodVolume() {}

  /** Whether the path, which has no links in it, is where an emptyDir is mounted. */
  static boolean isEmptyDir(Path path) throws IOException {
    // A character for each byte: names may be in any encoding.
    return isEmptyDir(path, Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1));
  }

  static boolean isEmptyDir(Path path, List<String> mounts) {
    String point = escape(path);
    boolean emptyDir = false;
    for (String mount : mounts) {
      String[] fields = mount.split(" ", -1);
      if (fields.length > MOUNT_POINT && fields[MOUNT_POINT].equals(point)) {
        // What was mounted last covers what was there before.
        emptyDir = isVolume(fields[ROOT]);
      }
    }
    return emptyDir;
  }

  /** {@code .../pods/UID/volumes/kubernetes.io~empty-dir/NAME}, the whole volume. */
  private static boolean isVolume(String root) {
    int at = root.indexOf(EMPTY_DIR);
    String name = at < 0 ? "" : root.substring(at + EMPTY_DIR.length());
    return !name.isEmpty() && name.indexOf('/') < 0;
  }

  /** As mountinfo has it. A path with anything but ASCII is compared with nothing and so no. */
  private static String escape(Path path) {
    return path.toString()
        .replace("\\", "\\134")
        .replace(" ", "\\040")
        .replace("\t", "\\011")
        .replace("\n", "\\012");
  }
}
