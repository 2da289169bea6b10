package dev.custos.inotify;

import static dev.custos.inotify.PlaceTable.NONE;

import dev.custos.linux.MountTable;
import dev.custos.linux.Poller;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendContext;
import dev.custos.spi.Changes;
import dev.custos.spi.Coverage;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an instance's thread does in each turn: events first, then paths, then a slice of listing.
 */
final class Coordinator {
  private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

  /** Said of a path that is no longer in the plan by the time that the plan is answered. */
  static final String SUPERSEDED = "not in the plan any more";

  private static final long PROGRESS_NANOS = 1_000_000_000L;

  private final Coverage coverage;
  private final Forest forest;
  private final Reporter reporter;
  private final Told told = new Told();
  private final OwnListings ownListings = new OwnListings();
  private final TreeScanner scanner;
  private final TreeKeeper keeper;
  private final Attachments attachments;
  private final Dispatcher dispatcher;
  private final EventDecoder decoder = new EventDecoder();
  private final FdInfo fdInfo;
  private final Map<String, Map<Watch, Subscription>> byTarget = new HashMap<>();
  private final Map<String, MountTable> mounts = new LinkedHashMap<>();
  private boolean mountsMoved;
  private long toldProgress;
  private boolean listing;
  private boolean statesChanged;
  private final long limitRetryNanos;
  private long limitRetryAt;
  private boolean limited;

  Coordinator(Kernel kernel, BackendContext context, Budget.Share budget) {
    this.coverage = context.coverage();
    this.limitRetryNanos = budget.retryNanos();
    this.forest = new Forest(kernel, budget);
    this.reporter = new Reporter(context.events(), context.clock());
    this.keeper = new TreeKeeper(forest, kernel, reporter);
    this.scanner = new TreeScanner(forest, kernel, reporter, told, ownListings, keeper);
    this.attachments = new Attachments(forest, kernel, reporter, scanner);
    this.dispatcher =
        new Dispatcher(
            forest, reporter, told, ownListings, scanner, keeper, attachments, decoder::position);
    this.fdInfo = new FdInfo(kernel.inotify, forest);
    keeper.connect(scanner, dispatcher::redeliver);
    attachments.connect(decoder::position, dispatcher::redeliver);
  }

  // --- plans

  void apply(WatchPlan plan) {
    Target target = plan.target();
    Map<Watch, Subscription> current = byTarget.computeIfAbsent(target.id(), id -> new HashMap<>());
    Changes<Watch> changes = Changes.between(current.keySet(), plan.watches());
    for (Watch watch : changes.removed()) {
      Subscription s = current.remove(watch);
      keeper.unsubscribed(s);
      forest.unsubscribe(s);
    }
    for (Watch watch : changes.kept()) {
      current.get(watch).target(target);
    }
    for (Watch watch : changes.added()) {
      Subscription s = forest.subscribe(id -> new Subscription(id, target, watch));
      current.put(watch, s);
      attachments.touch(s);
    }
    if (current.isEmpty()) {
      byTarget.remove(target.id());
      fdInfo.dropUnasked();
    }
    watchMounts(target, !current.isEmpty());
    boolean expect = false;
    for (Subscription s : forest.subscriptions()) {
      expect |= (s.reported & Mask.LISTING) != 0;
    }
    scanner.expectOwnEvents(expect);
  }

  ApplyReport report(WatchPlan plan) {
    Map<Watch, Subscription> current = byTarget.getOrDefault(plan.target().id(), Map.of());
    List<PathState> rows = new ArrayList<>();
    for (Watch watch : plan.watches()) {
      // Its own time may be over before it is answered, if a file system held it up.
      Subscription s = current.get(watch);
      rows.add(
          s == null ? PathState.pending(watch.subject(), watch.path(), SUPERSEDED) : s.state());
    }
    return new ApplyReport(rows, forest.watched());
  }

  // --- mounts

  private void watchMounts(Target target, boolean wanted) {
    if (mounts.containsKey(target.id()) == wanted) {
      return;
    }
    mountsMoved = true;
    if (!wanted) {
      mounts.remove(target.id()).close();
      return;
    }
    try {
      mounts.put(target.id(), MountTable.open(target.mountTable()));
    } catch (IOException e) {
      // Unmounts are still told by the kernel; what is hidden by a mount on top of it is not.
      log.warn("inotify: mounts over watched paths will go unnoticed: {}", e.getMessage());
    }
  }

  /** Gives the poller what to wait for beside events, whenever that has changed. */
  void pollMounts(Poller poller, int eventsFd) {
    if (!mountsMoved) {
      return;
    }
    mountsMoved = false;
    poller.clear();
    poller.add(eventsFd, Poller.READABLE);
    for (MountTable table : mounts.values()) {
      poller.add(table.number(), Poller.CHANGED);
    }
  }

  /** What {@link #pollMounts} waits for. */
  List<Integer> descriptors(int eventsFd) {
    List<Integer> all = new ArrayList<>();
    all.add(eventsFd);
    mounts.values().forEach(table -> all.add(table.number()));
    return all;
  }

  /** Looks at the mount tables that the poller found changed. */
  void readMounts(Poller poller) {
    readMounts(poller::isReady);
  }

  /** Looks at all mount tables. */
  void readMounts() {
    readMounts(i -> true);
  }

  private void readMounts(IntPredicate isWanted) {
    int index = 1;
    for (Map.Entry<String, MountTable> entry : mounts.entrySet()) {
      if (isWanted.test(index++)) {
        try {
          remounted(entry.getKey(), entry.getValue().changes());
        } catch (IOException e) {
          // The process is gone, and with it the target; the host is about to say so.
          log.debug("inotify: {}", e.getMessage());
        }
      }
    }
  }

  private void remounted(String target, Set<String> points) {
    for (Subscription s : forest.subscriptions()) {
      if (s.target().id().equals(target) && !points.isEmpty()) {
        // Whatever was mounted elsewhere says nothing of this path; with links it may be on the
        // way.
        s.remounted |= s.throughLinks;
        attachments.touch(s);
        String path = new String(s.pathBytes(), StandardCharsets.ISO_8859_1);
        String prefix = path.endsWith("/") ? path : path + "/";
        for (String point : points) {
          FilePath at = FilePath.ofBytes(point.getBytes(StandardCharsets.ISO_8859_1));
          s.remounted |= Unmounts.isWithin(s.path(), at);
          if (Unmounts.isWithin(at, s.path()) || Unmounts.isWithin(s.path(), at)) {
            s.unmounts.changed(at);
          }
          if (s.watch.recursive() && point.startsWith(prefix)) {
            String below = point.substring(prefix.length());
            keeper.remounted(s, below.getBytes(StandardCharsets.ISO_8859_1));
          }
        }
      }
    }
  }

  // --- a turn

  /** Takes what a read brought; returns how many events that were. */
  int read(ByteBuffer buffer, int bytes) {
    return bytes == 0 ? 0 : decoder.decode(buffer, bytes, dispatcher::event);
  }

  /**
   * Does what the events led to, and some of the listing that waits.
   *
   * @param drained whether the kernel's queue was empty after the last read
   * @param fresh whether that read brought anything
   * @return whether there is more to do at once
   */
  boolean work(int steps, boolean drained, boolean fresh) {
    if (drained) {
      if (dispatcher.sawUnmount()) {
        readMounts(); // they have changed before, and name the mount point
        dispatcher.tellUnmounts();
      }
      told.queueIsEmpty();
      ownListings.forget();
      keeper.retryStale(fresh);
      reporter.drained();
    }
    attachments.run();
    dispatcher.recover();
    scanner.slice(steps);
    keeper.expireMoves(drained && scanner.isIdle());
    forest.closeDirectory();
    if (scanner.isIdle()) {
      retryLimits();
    }
    if (scanner.isIdle()) {
      tellStates();
    } else {
      progress();
    }
    reporter.flush();
    return !scanner.isIdle() || attachments.isPending();
  }

  private void progress() {
    long now = System.nanoTime();
    if (!listing) {
      listing = true;
      toldProgress = now;
    }
    if (now - toldProgress >= PROGRESS_NANOS) {
      toldProgress = now;
      for (Subscription s : forest.subscriptions()) {
        if (s.root != NONE && s.watch.recursive()) {
          String reason = "listing directories, " + s.size + " so far";
          become(s, PathState.State.PENDING, reason);
        }
      }
      statesChanged = true;
    }
  }

  private void tellStates() {
    listing = false;
    for (Subscription s : forest.subscriptions()) {
      if (s.stateChanged || statesChanged) {
        s.stateChanged = false;
        s.unmounted = false;
        tellState(s);
      }
    }
    statesChanged = false;
  }

  private void tellState(Subscription s) {
    if (s.obstacle != null) {
      become(s, s.obstacle.state(), s.obstacle.reason());
      if (s.obstacle.state() == PathState.State.FAILED) {
        retryLater();
      }
    } else if (s.limit != null) {
      String reason = s.limit + "; " + s.size + " directories are watched, the rest is not";
      become(s, PathState.State.FAILED, reason);
      retryLater();
    } else if (s.unreadable > 0) {
      String reason = s.unreadable + " directories can't be read, the first: " + s.unreadableReason;
      become(s, PathState.State.ACTIVE, reason);
    } else {
      become(s, PathState.State.ACTIVE, "");
    }
    s.limitTold &= s.limit != null;
  }

  private void become(Subscription s, PathState.State state, String reason) {
    if (s.become(state, reason)) {
      coverage.changed(s.target(), s.state());
    }
  }

  private void retryLater() {
    if (!limited) {
      limited = true;
      limitRetryAt = System.nanoTime() + limitRetryNanos;
    }
  }

  /** Room may have come since a limit was met. */
  private void retryLimits() {
    if (!limited || System.nanoTime() - limitRetryAt < 0) {
      return;
    }
    limited = false;
    limitRetryAt = System.nanoTime() + limitRetryNanos;
    for (Subscription s : forest.subscriptions()) {
      if (s.limit != null && s.root != NONE) {
        limited = true;
        if (forest.hasRoom()) {
          s.limit = null;
          s.stateChanged = true;
          scanner.add(s.root, TreeScanner.Mode.FILL);
        }
      } else if (s.obstacle != null && s.obstacle.state() == PathState.State.FAILED) {
        attachments.touch(s);
      }
    }
  }

  /** Milliseconds that the thread may wait for events; -1 without end. */
  int timeout() {
    int keeperTimeout = keeper.timeout();
    if (!limited) {
      return keeperTimeout;
    }
    long untilRetry = Math.max(1, (limitRetryAt - System.nanoTime()) / 1_000_000 + 1);
    return (int) (keeperTimeout < 0 ? untilRetry : Math.min(keeperTimeout, untilRetry));
  }

  /** Whether nothing is left to do until something happens, if {@link #work} said so as well. */
  boolean isQuiet() {
    return !attachments.isPending();
  }

  /** Nothing is going to happen for a while. */
  void rest() {
    decoder.rest();
  }

  /** Runs an action as soon as no directory is open that others hear this instance read. */
  void whenQuiet(Runnable action) {
    scanner.whenQuiet(action);
  }

  Inspection inspect() {
    return byTarget.isEmpty()
        ? Inspection.NOTHING
        : fdInfo.compare(new TreeSet<>(byTarget.keySet()));
  }

  void failed(String reason) {
    for (Subscription s : forest.subscriptions()) {
      become(s, PathState.State.FAILED, reason);
    }
  }

  void close() {
    reporter.flush();
    scanner.close();
    forest.close();
    mounts.values().forEach(MountTable::close);
    mounts.clear();
  }
}
