package dev.custos.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the configuration's file once a second, and at each SIGHUP, and has it read again when
 * it is another one. It follows links each time: Kubernetes brings a new ConfigMap by exchanging
 * the link {@code ..data}, which changes nothing about the file's own name.
 */
final class ConfigWatch implements Runnable {
  private static final long LOOK_MILLIS = 1000;

  /** What tells one state of a file from the next; empty while there is none. */
  record Look(Optional<State> state) {
    private record State(Object key, FileTime modified, long size) {}

    static Look at(Path file) {
      try {
        BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
        return new Look(Optional.of(new State(is.fileKey(), is.lastModifiedTime(), is.size())));
      } catch (IOException e) {
        // Away for a moment while somebody exchanges it; what counts is what comes.
        return new Look(Optional.empty());
      }
    }
  }

  private final Path file;
  private final Runnable reload;
  private final Thread thread = new Thread(this, "custos-config");

  // Guarded by this.
  private boolean asked;
  private boolean stopped;

  // The thread's own from its start on.
  private Look taken;

  /**
   * Makes one that does not look yet.
   *
   * @param first how the file looked before it was read: what changed since counts
   */
  ConfigWatch(Path file, Look first, Runnable reload) {
    this.file = file;
    this.taken = first;
    this.reload = reload;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Has the file read again, whether it changed or not. Any thread. */
  synchronized void ask() {
    asked = true;
    notifyAll();
  }

  @Override
  public void run() {
    Look before = taken;
    try {
      for (boolean now = await(); !isStopped(); now = await()) {
        Look look = Look.at(file);
        // Twice the same: nobody is in the middle of writing it.
        boolean settled = look.equals(before) && look.state().isPresent();
        if (now || (settled && !look.equals(taken))) {
          taken = look;
          reload.run();
        }
        before = look;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  /** Waits for the next look. Returns whether somebody asked for it. */
  private synchronized boolean await() throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
    long left = LOOK_MILLIS;
    while (!asked && !stopped && left > 0) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    }
    boolean was = asked;
    asked = false;
    return was;
  }

  /** Ends it; returns once no reading is under way any more. */
  void stop() throws InterruptedException {
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    thread.join();
  }
}
