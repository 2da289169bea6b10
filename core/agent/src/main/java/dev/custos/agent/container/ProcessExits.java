package dev.custos.agent.container;

import dev.custos.linux.NativeException;
import dev.custos.linux.Poller;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells at once when the process of a target ends, by its pidfd. Has a thread as long as there are
 * targets with a process. Thread-safe.
 */
public final class ProcessExits implements AutoCloseable {
  private final Consumer<OpenedTarget> onExit;
  private final Set<OpenedTarget> watched = new LinkedHashSet<>();
  private Poller poller;

  /**
   * Makes one that watches nothing yet.
   *
   * @param onExit told once of each; must not block
   */
  public ProcessExits(Consumer<OpenedTarget> onExit) {
    this.onExit = onExit;
  }

  /** Watches a target's process, if it has one. */
  public synchronized void watch(OpenedTarget target) throws NativeException {
    if (target.target().pidFd().isEmpty()) {
      return;
    }
    watched.add(target);
    if (poller == null) {
      Poller fresh = new Poller();
      poller = fresh;
      Thread thread = new Thread(() -> run(fresh), "custos-exits");
      thread.setDaemon(true);
      thread.start();
    } else {
      poller.wakeup();
    }
  }

  /**
   * To be called before a target is closed: the number of its pidfd may then be given out again.
   */
  public synchronized void forget(OpenedTarget target) {
    if (watched.remove(target) && poller != null) {
      poller.wakeup();
    }
  }

  private void run(Poller mine) {
    try (mine) {
      List<OpenedTarget> polled = next(mine);
      while (!polled.isEmpty()) {
        mine.await(-1);
        for (int i = 0; i < polled.size(); i++) {
          if (mine.isReady(i)) {
            ended(polled.get(i));
          }
        }
        polled = next(mine);
      }
    } catch (NativeException e) {
      // poll(2) fails for want of memory alone. Not to be told of exits any more is worse than an
      // agent that is started again.
      throw new IllegalStateException("containers' exits can't be waited for", e);
    }
  }

  /** Gives the poller what is watched now; the thread ends if that is nothing. */
  private synchronized List<OpenedTarget> next(Poller mine) {
    mine.clear();
    List<OpenedTarget> polled = new ArrayList<>(watched);
    for (OpenedTarget target : polled) {
      mine.add(target.target().pidFd().getAsInt(), Poller.READABLE);
    }
    if (polled.isEmpty() && poller == mine) {
      poller = null;
    }
    return polled;
  }

  private void ended(OpenedTarget target) {
    synchronized (this) {
      // Forgotten meanwhile: then what was ready may have been another file of the same number.
      if (!watched.remove(target)) {
        return;
      }
    }
    onExit.accept(target);
  }

  /** Tells of nothing any more. */
  @Override
  public synchronized void close() {
    watched.clear();
    if (poller != null) {
      poller.wakeup();
    }
  }
}
