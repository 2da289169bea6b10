package dev.custos.inotify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many kernel watches the agent may hold, in all and for one target. The kernel's own limit is
 * counted per user, and the kubelet needs some of it too. Thread-safe.
 */
final class Budget {
  private final OptionalInt perTarget;
  private final OptionalInt total;
  private final Duration retry;

  /** Where the kernel's limit can't be read: a place takes about 60 bytes of a small heap. */
  private static final int FALLBACK = 100_000;

  private final AtomicInteger taken = new AtomicInteger();

  /**
   * Makes a budget of which nothing is taken.
   *
   * @param perTarget what one target may hold; by default as much as all
   * @param total what all may hold; by default half of the kernel's limit while there are
   *     containers, and no less than the kernel gives on a host of its own, which shares with
   *     nobody
   * @param retry how long after a limit was met to see whether room has come
   */
  Budget(OptionalInt perTarget, OptionalInt total, Duration retry) {
    this.perTarget = perTarget;
    this.total = total;
    this.retry = retry;
  }

  private static int halfOfKernelLimit() {
    int limit = Limits.watches().value();
    return limit < 0 ? FALLBACK : Math.max(1, limit / 2);
  }

  /** How many instances to have: the other half is left to others of the same user. */
  int instances() {
    int limit = Limits.instances().value();
    return limit < 0 ? Integer.MAX_VALUE : Math.max(1, limit / 2);
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

  /** The part of an instance that serves a container or the host. */
  Share share(boolean forContainer) {
    int all = total.orElseGet(() -> forContainer ? halfOfKernelLimit() : Integer.MAX_VALUE);
    return new Share(perTarget.orElse(all), all);
  }

  /** One instance's part; belongs to its thread. */
  final class Share {
    private final int most;
    private final int mostOfAll;
    private int held;

    private Share(int most, int mostOfAll) {
      this.most = most;
      this.mostOfAll = mostOfAll;
    }

    long retryNanos() {
      return retry.toNanos();
    }

    boolean hasRoom() {
      return held < most && taken.get() < mostOfAll;
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
      return held >= most
          ? "custos.backends.inotify.max-per-target is " + most + " and all are in use; raise it"
          : "custos.backends.inotify.max-total is " + mostOfAll + " and all are in use; raise it";
    }
  }
}
