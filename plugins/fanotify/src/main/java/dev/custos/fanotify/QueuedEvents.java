package dev.custos.fanotify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Asks a group whether events are queued that nobody has read. Not thread-safe. */
final class QueuedEvents {
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());

  /** Whether there is one at this moment; {@code group} is a descriptor that is open. */
  boolean any(int group) {
    bytes.putInt(0, 0);
    FanotifyLibrary.CALLS.ioctl(group, Fanotify.FIONREAD, bytes);
    return bytes.getInt(0) > 0;
  }
}
