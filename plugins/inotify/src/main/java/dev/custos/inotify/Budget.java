package dev.custos.inotify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many kernel watches the agent may hold, in all and for one target. The kernel's own limit is
 * counted per user, and the kubelet needs some of it too. Thread-safe.
 */
final class Budget {
  private static final Path MAX_USER_WATCHES = Path.of("/proc/sys/fs/inotify/max_user_watches");

  private final int perTarget;
  private final int total;
  private final AtomicInteger taken = new AtomicInteger();

  Budget(int perTarget, int total) {
    this.perTarget = perTarget;
    this.total = total;
  }

  /** Half of what the kernel allows, or {@code fallback} where that can't be read. */
  static int halfOfKernelLimit(int fallback) {
    int limit = kernelLimit();
    return limit < 0 ? fallback : Math.max(1, limit / 2);
  }

  /** The value of fs.inotify.max_user_watches, or -1. */
  static int kernelLimit() {
    return readNumber(MAX_USER_WATCHES);
  }

  static int readNumber(Path file) {
    // One read with room for all of it: proc(5)'s sysctl files answer a second read with nothing,
    // and Files.readString starts with a single byte of a file whose size is said to be 0.
    try (InputStream in = Files.newInputStream(file)) {
      byte[] text = in.readNBytes(32);
      return Integer.parseInt(new String(text, StandardCharsets.US_ASCII).trim());
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }

  Share share() {
    return new Share();
  }

  /** One instance's part; belongs to its thread. */
  final class Share {
    private int held;

    boolean hasRoom() {
      return held < perTarget && taken.get() < total;
    }

    void took() {
      held++;
      taken.incrementAndGet();
    }

    void gave() {
      held--;
      taken.decrementAndGet();
    }

    void close() {
      taken.addAndGet(-held);
      held = 0;
    }

    /** Why there is no room, with the option's name, its value and the way out. */
    String reason() {
      return held >= perTarget
          ? "watch.max-per-target is " + perTarget + " and all are in use; raise it"
          : "watch.max-total is " + total + " and all are in use; raise it";
    }
  }
}
