package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchPlan;
import dev.custos.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackendLifeTest {
  private static final Duration WAIT = Duration.ofMinutes(1);

  private final FakeBackends backends = new FakeBackends();
  private final CountDownLatch opening = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final Object monitor = new Object();
  private final BackendLife<WatchPlan> life =
      new BackendLife<>(
          "fake",
          this::openOnceAllowed,
          generation -> new Deaf(),
          new Owner(),
          ManualClock.at(Instant.EPOCH),
          new ManualAlarm());

  private WatchBackend openOnceAllowed(Coverage coverage) throws BackendException {
    opening.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new BackendException("interrupted", e);
    }
    return backends.open(coverage);
  }

  private static final class Deaf implements Coverage {
    @Override
    public void changed(Target target, PathState state) {}
  }

  private final class Owner implements BackendLife.Owner {
    @Override
    public Object monitor() {
      return monitor;
    }

    @Override
    public Runnable opened(boolean again) {
      return () -> {};
    }

    @Override
    public Runnable openingFailed(String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void closingFailed(String reason) {
      throw new AssertionError(reason);
    }
  }

  @AfterEach
  void letGo() {
    goOn.countDown();
  }

  private void closeWhileItIsOpened() throws InterruptedException {
    synchronized (monitor) {
      life.need();
    }
    opening.await();
    synchronized (monitor) {
      assertThat(life.close()).isNull();
    }
  }

  /** What it runs of a plugin is gone once everything is closed. */
  @Test
  void theEndWaitsForABackendThatIsBeingOpenedAndIsClosedThen() throws Exception {
    closeWhileItIsOpened();
    Thread ending = new Thread(() -> life.awaitEnd(WAIT));
    ending.start();
    await().atMost(WAIT).until(() -> ending.getState() == Thread.State.TIMED_WAITING);
    goOn.countDown();
    ending.join(WAIT.toMillis());
    assertThat(backends.opened).singleElement().matches(backend -> backend.closed);
  }

  @Test
  void theEndDoesNotWaitForeverForABackendThatHangsWhileItIsOpened() throws Exception {
    closeWhileItIsOpened();
    life.awaitEnd(Duration.ofMillis(1));
    assertThat(backends.opened).isEmpty();
  }
}
