package dev.custos.fanotify;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.custos.spi.BackendException;
import java.util.List;

/**
 * What {@code custos.backends.fanotify} says about what may be guarded.
 *
 * @param maxMarks how many objects of one target may be marked; each keeps an inode in the kernel's
 *     memory, and its rules in the heap
 * @param allowHostPaths whether a container's guard may be about what it shares with the host
 * @param volumeRoots where, on the host, container runtimes and the kubelet keep what belongs to
 *     containers alone
 */
record GuardSettings(int maxMarks, boolean allowHostPaths, List<String> volumeRoots) {
  private static final String SECTION = "custos.backends.fanotify.";

  GuardSettings {
    volumeRoots = List.copyOf(volumeRoots);
  }

  private static final int MOST_MARKS = 131_072;

  // What an object takes at most, with what it takes while it is looked at again, and what the
  // agent needs for everything else; measured.
  private static final long BYTES_PER_MARK = 2048;
  private static final long BESIDE = 10L << 20;

  static final GuardSettings DEFAULTS =
      new GuardSettings(
          marksOfHeap(Runtime.getRuntime().maxMemory()),
          false,
          List.of(
              "/var/lib/kubelet/pods",
              "/var/lib/kubelet/plugins",
              "/var/lib/containerd",
              "/run/containerd",
              "/var/lib/containers",
              "/run/containers",
              "/var/lib/docker",
              "/var/lib/crio"));

  /** How many marks a heap has room for. */
  static int marksOfHeap(long bytes) {
    return (int) Math.min(Math.max(bytes - BESIDE, 1 << 20) / BYTES_PER_MARK, MOST_MARKS);
  }

  static GuardSettings of(Config config) throws BackendException {
    try {
      int marks = config.hasPath("max-marks") ? config.getInt("max-marks") : DEFAULTS.maxMarks;
      if (marks < 1) {
        throw new BackendException(SECTION + "max-marks is " + marks + "; it must be at least 1");
      }
      return new GuardSettings(
          marks,
          config.hasPath("allow-host-paths")
              ? config.getBoolean("allow-host-paths")
              : DEFAULTS.allowHostPaths,
          config.hasPath("volume-roots")
              ? config.getStringList("volume-roots")
              : DEFAULTS.volumeRoots);
    } catch (ConfigException e) {
      throw new BackendException(
          SECTION.substring(0, SECTION.length() - 1) + ": " + e.getMessage(), e);
    }
  }
}
