package dev.custos.agent.pipeline;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SleeperTest {
  private final AtomicReference<Sleeper> sleeper = new AtomicReference<>();

  @Test
  void oneThatHasNothingToDoSleepsUntilItIsWoken() {
    Thread thread = sleeps(() -> true);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> thread.getState() == Thread.State.TIMED_WAITING);

    sleeper.get().wake();

    awaitEnd(thread);
  }

  @Test
  void oneThatHasSomethingToDoDoesNotSleep() {
    awaitEnd(sleeps(() -> false));
  }

  @Test
  void aWakeUpIsNotLostToALockThatIsWaitedForMeanwhile() {
    awaitEnd(sleepsAfter(Sleeper::wake));
    awaitEnd(sleepsAfter(Sleeper::wakeAlways));
  }

  private Thread sleepsAfter(Consumer<Sleeper> wake) {
    return sleeps(
        () -> {
          wake.accept(sleeper.get());
          // What any lock does that is taken, and returns at once: the permit is there.
          LockSupport.park(this);
          return true;
        });
  }

  /** A thread that sleeps once. */
  private Thread sleeps(BooleanSupplier nothing) {
    Thread thread = new Thread(() -> sleeper.get().sleepIf(nothing, Sleeper.FOREVER));
    thread.setDaemon(true);
    sleeper.set(new Sleeper(thread));
    thread.start();
    return thread;
  }

  private static void awaitEnd(Thread thread) {
    await().atMost(Duration.ofSeconds(60)).until(() -> !thread.isAlive());
  }
}
