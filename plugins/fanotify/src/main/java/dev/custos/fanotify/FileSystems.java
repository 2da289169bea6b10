package dev.custos.fanotify;

import java.util.Locale;
import java.util.Map;

/**
 * The file systems on which nothing is guarded. To ask about a file the kernel opens it for the
 * guard, and an open on one of these can wait in the kernel for a server that never answers, and
 * with it every open that the target's reader is asked about.
 */
final class FileSystems {
  // By statfs(2).
  private static final Map<Long, String> BY_MAGIC =
      Map.ofEntries(
          Map.entry(0x65735546L, "FUSE"),
          Map.entry(0x6969L, "NFS"),
          Map.entry(0xff534d42L, "CIFS"),
          Map.entry(0xfe534d42L, "SMB"),
          Map.entry(0x517bL, "SMB"),
          Map.entry(0x01021997L, "9p"),
          Map.entry(0x00c36400L, "Ceph"),
          Map.entry(0x0187L, "autofs"),
          Map.entry(0x9fa0L, "proc"));
  // By the names of filesystems(5).
  private static final Map<String, String> BY_TYPE =
      Map.ofEntries(
          Map.entry("fuse", "FUSE"),
          Map.entry("fuseblk", "FUSE"),
          Map.entry("virtiofs", "FUSE"),
          Map.entry("nfs", "NFS"),
          Map.entry("nfs4", "NFS"),
          Map.entry("cifs", "CIFS"),
          Map.entry("smb3", "SMB"),
          Map.entry("smbfs", "SMB"),
          Map.entry("9p", "9p"),
          Map.entry("ceph", "Ceph"),
          Map.entry("autofs", "autofs"),
          Map.entry("proc", "proc"));

  private FileSystems() {}

  /** Why nothing is guarded on a file system of this type, or empty. */
  static String refusalByType(String type) {
    String family = type.startsWith("fuse.") ? "fuse" : type.toLowerCase(Locale.ROOT);
    return refusal(BY_TYPE.get(family));
  }

  /**
   * Why nothing is guarded where statfs(2) gives this, or empty.
   *
   * @param magic 0 where it gives nothing
   */
  static String refusalByMagic(long magic) {
    return magic == 0
        ? "its file system does not say what it is"
        : refusal(BY_MAGIC.get(magic & 0xffffffffL));
  }

  private static String refusal(String name) {
    if (name == null) {
      return "";
    }
    return name.equals("proc")
        ? "is on proc, which the guard itself reads"
        : "is on " + name + ", where a server that does not answer would hang every guarded access";
  }
}
