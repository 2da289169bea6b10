package dev.custos.fanotify;

import dev.custos.spi.event.PermissionKind;
import java.nio.ByteBuffer;

/**
 * Walks the events of one read(2) from a fanotify group: {@code struct fanotify_event_metadata} of
 * fanotify(7), in the machine's byte order. Reads memory and nothing else. Not thread-safe.
 */
final class EventCursor {
  static final int METADATA_LENGTH = 24;
  static final int VERSION = 3;
  static final int NO_FD = -1;

  private static final int AT_VERSION = 4;
  private static final int AT_METADATA_LENGTH = 6;
  private static final int AT_MASK = 8;
  private static final int AT_FD = 16;
  private static final int AT_PID = 20;

  private final ByteBuffer buffer;
  private int length;
  private int at;
  private int next;
  private boolean malformed;

  EventCursor(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** Goes before the first of the events that fill {@code length} bytes. */
  void start(int length) {
    this.length = length;
    at = 0;
    next = 0;
    malformed = false;
  }

  /** Goes to the next event, if there is one that can be understood. */
  boolean next() {
    if (malformed || next == length) {
      return false;
    }
    at = next;
    malformed = length - at < METADATA_LENGTH || !isUnderstood();
    if (malformed) {
      return false;
    }
    next = at + buffer.getInt(at);
    return true;
  }

  private boolean isUnderstood() {
    int eventLength = buffer.getInt(at);
    int metadataLength = buffer.getShort(at + AT_METADATA_LENGTH) & 0xffff;
    return buffer.get(at + AT_VERSION) == VERSION
        && metadataLength >= METADATA_LENGTH
        && eventLength >= metadataLength
        && eventLength <= length - at;
  }

  /** Whether {@link #next} ended because the bytes make no sense. */
  boolean isMalformed() {
    return malformed;
  }

  /** What is asked, or null if the event asks nothing. */
  PermissionKind kind() {
    long mask = buffer.getLong(at + AT_MASK);
    if ((mask & Fanotify.OPEN_PERM) != 0) {
      return PermissionKind.OPEN_PERM;
    }
    if ((mask & Fanotify.ACCESS_PERM) != 0) {
      return PermissionKind.ACCESS_PERM;
    }
    return (mask & Fanotify.OPEN_EXEC_PERM) != 0 ? PermissionKind.OPEN_EXEC_PERM : null;
  }

  boolean isOverflow() {
    return (buffer.getLong(at + AT_MASK) & Fanotify.Q_OVERFLOW) != 0;
  }

  /**
   * A descriptor of the object, which is ours to close. Negative if there is none: {@link #NO_FD},
   * or the negated errno where the group {@linkplain FanotifyGroup#tellsErrors tells errors}.
   */
  int fd() {
    return buffer.getInt(at + AT_FD);
  }

  /** Who asks, in the agent's process id namespace; 0 for one outside of it. */
  int pid() {
    return buffer.getInt(at + AT_PID);
  }
}
