package dev.custos.fanotify;

import dev.custos.linux.PathBuffer;
import dev.custos.spi.event.PermissionKind;
import java.time.Instant;

/**
 * What the reader notes of one answer. Belongs to the reader until it is committed, then to the
 * publisher until it is drained; used again and again.
 */
final class Decision {
  private static final int USUAL_PATH = 128;

  Ruling first;
  Ruling second;
  Asker asker;
  long matching;
  PermissionKind kind;
  boolean directory;
  int pid;
  ProcessNote process = new ProcessNote();

  /**
   * Stands for a process that is still to be looked at, and is to be closed at last; {@link
   * PidFds#AS_BEFORE} for the same process as the last one did; else {@link PidFds#NONE}.
   */
  int pidFd;

  Instant time;
  byte[] path = new byte[USUAL_PATH];
  int pathLength;

  /** Grows to the longest path seen, which PATH_MAX bounds. */
  void path(byte[] source, int offset, int length) {
    if (length > path.length) {
      path = new byte[Math.max(length, Math.min(2 * path.length, PathBuffer.PATH_MAX))];
    }
    System.arraycopy(source, offset, path, 0, length);
    pathLength = length;
  }
}
