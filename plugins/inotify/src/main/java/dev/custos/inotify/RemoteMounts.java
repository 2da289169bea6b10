package dev.custos.inotify;

import dev.custos.linux.MountTable;
import dev.custos.spi.event.FilePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where a target has file systems mounted whose server may not answer, so that a system call there
 * may never return: what is watched on one must not hold up what is watched elsewhere.
 */
final class RemoteMounts {
  /** What stands for every other file system. */
  static final String NONE = "";

  /** By the names of filesystems(5); FUSE's own are {@code fuse.something}. */
  private static final Set<String> REMOTE =
      Set.of(
          "fuse",
          "fuseblk",
          "virtiofs",
          "nfs",
          "nfs4",
          "cifs",
          "smb3",
          "smbfs",
          "9p",
          "ceph",
          "autofs",
          "afs",
          "lustre",
          "gfs2",
          "ocfs2",
          "orangefs");

  private final Map<String, Boolean> isRemoteByPoint;

  private RemoteMounts(Map<String, Boolean> isRemoteByPoint) {
    this.isRemoteByPoint = isRemoteByPoint;
  }

  /** Reads a target's table; without one, nothing is remote. */
  static RemoteMounts read(Path mountTable) {
    Map<String, Boolean> points = new HashMap<>();
    try (MountTable table = MountTable.open(mountTable)) {
      // Of two mounts on one point, the later one hides the earlier one.
      table.types().forEach(mount -> points.put(mount.point(), isRemote(mount.type())));
    } catch (IOException e) {
      // The target is about to end; or it is told where its mounts are to be watched.
      points.clear();
    }
    return new RemoteMounts(points);
  }

  private static boolean isRemote(String type) {
    return type.startsWith("fuse.") || REMOTE.contains(type);
  }

  /**
   * The mount point of the remote file system that a path is on, symbolic links aside; {@link
   * #NONE} if it is on none, or on the one that holds the target's root, which is everybody's.
   */
  String of(FilePath path) {
    String at = new String(path.toByteArray(), StandardCharsets.ISO_8859_1);
    while (at.length() > 1) {
      Boolean isRemote = isRemoteByPoint.get(at);
      if (isRemote != null) {
        return isRemote ? at : NONE;
      }
      at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
    }
    return NONE;
  }
}
