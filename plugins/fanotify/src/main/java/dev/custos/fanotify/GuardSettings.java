package dev.custos.fanotify;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.custos.spi.BackendException;
import java.util.List;

/**
 * What {@code custos.backends.fanotify} says about what may be guarded.
 *
 * @param maxMarks how many objects of one target may be marked; each keeps an inode in the kernel's
 *     memory
 * @param allowHostPaths whether a container's guard may be about what it shares with the host
 * @param volumeRoots where, on the host, container runtimes and the kubelet keep what belongs to
 *     containers alone
 */
record GuardSettings(int maxMarks, boolean allowHostPaths, List<String> volumeRoots) {
  private static final String SECTION = "custos.backends.fanotify.";

  GuardSettings {
    volumeRoots = List.copyOf(volumeRoots);
  }

  static final GuardSettings DEFAULTS =
      new GuardSettings(
          131_072,
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
