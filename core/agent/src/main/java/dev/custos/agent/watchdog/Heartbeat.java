package dev.custos.agent.watchdog;

import dev.custos.agent.desired.GuardWarden;
import dev.custos.linux.NativeException;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Tells the launcher and systemd that the agent is alive, for as long as guarded accesses are
 * answered. There is no thread unless somebody listens: for systemd from the start on, for the
 * launcher from the first guard on.
 */
public final class Heartbeat implements GuardWarden, AutoCloseable {
  private static final int BEATS_IN_DEADLINE = 4;
  private static final long FIRST_BEAT_SECONDS = 10;

  private final LauncherPipe launcher;
  private final Systemd systemd;
  private final Restart restart;
  private final Duration guardDeadline;
  private final Runnable onLauncherGone;
  private final Path state;
  private final Consumer<String> warn;
  // Not under this object's lock: a disk may be slow, and signs of life don't wait for it.
  private final Object keeping = new Object();
  private GuardBook book;
  private final Map<String, String> plans = new HashMap<>();
  private final CountDownLatch firstBeat = new CountDownLatch(1);
  private Thread thread;
  private boolean launcherGone;
  private boolean systemdGone;
  private volatile BooleanSupplier proof = () -> true;
  private volatile boolean armed;
  private volatile long lastProof;
  private volatile boolean closed;

  private Heartbeat(
      LauncherPipe launcher,
      Systemd systemd,
      Restart restart,
      Duration guardDeadline,
      Path state,
      Runnable onLauncherGone,
      Consumer<String> warn) {
    this.launcher = launcher;
    this.systemd = systemd;
    this.restart = restart;
    this.guardDeadline = guardDeadline;
    this.state = state;
    this.onLauncherGone = onLauncherGone;
    this.warn = warn;
  }

  /**
   * Looks in the environment for who listens.
   *
   * @param guardDeadline how long guarded accesses may go without an answer
   * @param state where it is kept which plans were in force when the agent ended
   * @param onLauncherGone run once, if the launcher was there and is no more; must not block
   * @param warn told what goes wrong
   */
  public static Heartbeat of(
      Map<String, String> environment,
      Duration guardDeadline,
      Path state,
      Runnable onLauncherGone,
      Consumer<String> warn) {
    Systemd systemd = null;
    try {
      systemd = Systemd.of(environment);
    } catch (NativeException e) {
      warn.accept("systemd can't be told how the agent is: " + e.getMessage());
    }
    Heartbeat heartbeat =
        new Heartbeat(
            LauncherPipe.of(environment),
            systemd,
            Restart.of(environment),
            guardDeadline,
            state,
            onLauncherGone,
            warn);
    if (heartbeat.systemd != null && !heartbeat.systemd.deadline().isZero()) {
      heartbeat.start();
    }
    return heartbeat;
  }

  /** Says that SIGHUP is no longer the end of a process that does not expect it. */
  public synchronized void hearsHangUp() {
    tell("hears HUP");
  }

  /** What became of the run before. */
  public Restart restart() {
    return restart;
  }

  /**
   * Begins to be watched, before the first mark is placed. Returns after the first sign of life, so
   * that everything that takes is loaded.
   *
   * @param answers asked again and again whether accesses are answered; may block while they are
   *     not
   */
  public void guarding(BooleanSupplier answers) {
    proof = answers;
    if (launcher == null || armed) {
      return;
    }
    synchronized (this) {
      tell("deadline " + guardDeadline.toMillis());
      lastProof = System.nanoTime();
      armed = true;
      start();
    }
    LockSupport.unpark(thread);
    try {
      if (!firstBeat.await(FIRST_BEAT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the heartbeat did not begin");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * How long ago guarded accesses were last seen to be answered; empty while nobody watches that:
   * nothing is guarded, or there is no launcher.
   */
  public Optional<Duration> sinceProof() {
    return armed ? Optional.of(Duration.ofNanos(System.nanoTime() - lastProof)) : Optional.empty();
  }

  @Override
  public String admit(String target, String digest) {
    String before;
    synchronized (keeping) {
      if (book == null) {
        book = GuardBook.open(state, restart.quarantined(), Instant.now(), warn);
      }
      if (book.isQuarantined(digest)) {
        released(target);
        return "quarantined: the agent had to be killed or crashed three times within ten minutes"
            + " while this plan was in force; change it, or end custos and remove "
            + Printable.escape(book.folder().toString());
      }
      book.inForce(digest);
      before = begin(target, digest);
      if (before != null && !digest.equals(before)) {
        book.gone(before);
      }
    }
    return "";
  }

  private synchronized String begin(String target, String digest) {
    String before = plans.put(target, digest);
    if (!digest.equals(before)) {
      tell("plan " + digest);
      if (before != null) {
        tell("gone " + before);
      }
    }
    return before;
  }

  @Override
  public void released(String target) {
    synchronized (keeping) {
      String before = end(target);
      if (before != null && book != null) {
        book.gone(before);
      }
    }
  }

  private synchronized String end(String target) {
    String before = plans.remove(target);
    if (before != null) {
      tell("gone " + before);
    }
    return before;
  }

  /** Says that everything asked for is in place. */
  public synchronized void ready() {
    notifySystemd("READY=1");
  }

  /** Says that the agent is about to end. */
  public synchronized void stopping() {
    notifySystemd("STOPPING=1");
  }

  private synchronized void start() {
    if (thread == null) {
      thread = new Thread(this::run, "custos-heartbeat");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void run() {
    while (!closed) {
      long period = period().toNanos();
      if (proof.getAsBoolean()) {
        lastProof = System.nanoTime();
        beat();
      }
      LockSupport.parkNanos(this, period);
    }
  }

  private Duration period() {
    Duration shortest = armed ? guardDeadline : systemd.deadline();
    if (armed && systemd != null && !systemd.deadline().isZero()) {
      shortest = shortest.compareTo(systemd.deadline()) < 0 ? shortest : systemd.deadline();
    }
    return shortest.dividedBy(BEATS_IN_DEADLINE);
  }

  private synchronized void beat() {
    if (closed) {
      return;
    }
    if (armed) {
      tell(".");
      firstBeat.countDown();
    }
    if (systemd != null && !systemd.deadline().isZero()) {
      notifySystemd("WATCHDOG=1");
    }
  }

  private void tell(String line) {
    if (launcher == null || launcherGone) {
      return;
    }
    try {
      launcher.say(line);
    } catch (NativeException gone) {
      launcherGone = true;
      warn.accept("the watchdog is gone, and the agent ends: " + gone.getMessage());
      onLauncherGone.run();
    }
  }

  private void notifySystemd(String state) {
    if (systemd == null || systemdGone) {
      return;
    }
    try {
      systemd.say(state);
    } catch (NativeException e) {
      systemdGone = true;
      warn.accept("systemd can't be told how the agent is: " + e.getMessage());
    }
  }

  /** Says that nothing is guarded any more, and ends. */
  @Override
  public void close() {
    if (!rest()) {
      return;
    }
    synchronized (keeping) {
      if (book != null) {
        book.end();
      }
    }
  }

  /** Returns whether it was not at rest before. */
  private synchronized boolean rest() {
    if (closed) {
      return false;
    }
    closed = true;
    if (armed) {
      tell("rest");
    }
    if (thread != null) {
      LockSupport.unpark(thread);
    }
    return true;
  }
}
