package dev.custos.fanotify;

import dev.custos.spi.event.PermissionKind;
import java.util.Set;

/** The numbers of linux/fanotify.h, fcntl.h and asm/fcntl.h. */
final class Fanotify {
  static final int CLOEXEC = 0x1;
  static final int NONBLOCK = 0x2;
  static final int CLASS_CONTENT = 0x4;
  static final int UNLIMITED_QUEUE = 0x10;
  static final int UNLIMITED_MARKS = 0x20;
  static final int ENABLE_AUDIT = 0x40;
  static final int REPORT_FD_ERROR = 0x2000;

  static final int MARK_ADD = 0x1;
  static final int MARK_REMOVE = 0x2;
  static final int MARK_MOUNT = 0x10;
  static final int MARK_FLUSH = 0x80;
  static final int MARK_FILESYSTEM = 0x100;

  static final long MODIFY = 0x2;
  static final long Q_OVERFLOW = 0x4000;
  static final long OPEN_PERM = 0x10000;
  static final long ACCESS_PERM = 0x20000;
  static final long OPEN_EXEC_PERM = 0x40000;
  static final long EVENT_ON_CHILD = 0x08000000;
  static final long ONDIR = 0x40000000;

  /** All that a mark can ask about here. Flags alone would keep a mark, so they are among it. */
  static final long EVERYTHING = OPEN_PERM | ACCESS_PERM | OPEN_EXEC_PERM | EVENT_ON_CHILD | ONDIR;

  static final int ALLOW = 0x1;
  static final int DENY = 0x2;
  static final int AUDIT = 0x10;

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;
  // include/uapi/asm-generic/fcntl.h has 0100000 for O_LARGEFILE; arm64 swaps it with O_DIRECT's
  // and O_NOFOLLOW's places. Given to fanotify_init by its number, because no libc adds it there:
  // without it, opening a file of more than 2 GiB for an event fails with EOVERFLOW, and the kernel
  // then denies the access.
  static final int O_LARGEFILE = FanotifyLibrary.ARM64 ? 0x20000 : 0x8000;

  static final int F_SETFL = 4;
  static final int FIONREAD = 0x541b;

  static final int AT_FDCWD = -100;
  static final int AT_EMPTY_PATH = 0x1000;
  static final int AT_HANDLE_FID = 0x200;
  static final int SYS_OPENAT2 = 437;

  private Fanotify() {}

  /** The mask that asks about these kinds. */
  static long mask(Set<PermissionKind> kinds) {
    long mask = 0;
    for (PermissionKind kind : kinds) {
      mask |= mask(kind);
    }
    return mask;
  }

  private static long mask(PermissionKind kind) {
    return switch (kind) {
      case OPEN_PERM -> OPEN_PERM;
      case ACCESS_PERM -> ACCESS_PERM;
      case OPEN_EXEC_PERM -> OPEN_EXEC_PERM;
    };
  }
}
