package dev.custos.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PollerTest {
  private static final int NON_BLOCKING_EVENT = 0x80000 | 0x800;

  @Test
  void aWakeupFromAnotherThreadEndsAnEndlessWait() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Poller poller = new Poller();
        FileDescriptor quiet = event(0)) {
      poller.add(quiet.number(), Poller.READABLE);
      CountDownLatch waiting = new CountDownLatch(1);
      Future<Boolean> ready =
          executor.submit(
              () -> {
                waiting.countDown();
                poller.await(-1);
                return poller.isReady(0);
              });
      assertThat(waiting.await(60, TimeUnit.SECONDS)).isTrue();
      poller.wakeup();
      assertThat(ready.get(60, TimeUnit.SECONDS)).isFalse();
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void aWakeupBeforeTheWaitIsNotLostAndCountsOnce() throws Exception {
    try (Poller poller = new Poller()) {
      poller.wakeup();
      poller.wakeup();
      poller.await(-1);
      // Used up: this one finds nothing, or the test's deadline would not matter.
      long start = System.nanoTime();
      poller.await(20);
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Test
  void aDescriptorWithSomethingToReadIsReadyAndItsNeighbourIsNot() throws Exception {
    try (Poller poller = new Poller();
        FileDescriptor quiet = event(0);
        FileDescriptor loud = event(1)) {
      int first = poller.add(quiet.number(), Poller.READABLE);
      int second = poller.add(loud.number(), Poller.READABLE);
      poller.await(-1);
      assertThat(poller.isReady(first)).isFalse();
      assertThat(poller.isReady(second)).isTrue();
    }
  }

  @Test
  void moreDescriptorsThanTheFirstBufferHoldsAllWork() throws Exception {
    List<FileDescriptor> events = new ArrayList<>();
    try (Poller poller = new Poller()) {
      for (int i = 0; i < 40; i++) {
        FileDescriptor event = event(i == 33 ? 1 : 0);
        events.add(event);
        assertThat(poller.add(event.number(), Poller.READABLE)).isEqualTo(i);
      }
      poller.await(5000);
      for (int i = 0; i < 40; i++) {
        assertThat(poller.isReady(i)).as("descriptor %s", i).isEqualTo(i == 33);
      }
    } finally {
      events.forEach(FileDescriptor::close);
    }
  }

  @Test
  void waitingForAWakeupAloneLeavesReadyDescriptorsOut() throws Exception {
    try (Poller poller = new Poller();
        FileDescriptor loud = event(1)) {
      poller.add(loud.number(), Poller.READABLE);
      poller.await(-1);
      assertThat(poller.isReady(0)).isTrue();
      poller.awaitWakeup(0);
      assertThat(poller.isReady(0)).isFalse();
    }
  }

  @Test
  void afterClearOldDescriptorsAreNotWaitedFor() throws Exception {
    try (Poller poller = new Poller();
        FileDescriptor loud = event(1);
        FileDescriptor quiet = event(0)) {
      poller.add(loud.number(), Poller.READABLE);
      poller.clear();
      assertThat(poller.add(quiet.number(), Poller.READABLE)).isZero();
      poller.await(0);
      assertThat(poller.isReady(0)).isFalse();
    }
  }

  @Test
  void aWakeupWhileItIsClosedWritesIntoNoOthersDescriptor() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    AtomicBoolean done = new AtomicBoolean();
    Poller[] current = {new Poller()};
    try {
      Future<?> waking =
          executor.submit(
              () -> {
                while (!done.get()) {
                  current[0].wakeup();
                }
              });
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1500);
      while (System.nanoTime() < end) {
        current[0].close();
        // Takes the number that was just given back, as any file of the agent might.
        try (FileDescriptor other = event(0)) {
          assertThat(other.read(java.nio.ByteBuffer.allocateDirect(8))).isEqualTo(-1);
        }
        current[0] = new Poller();
      }
      done.set(true);
      waking.get(60, TimeUnit.SECONDS);
    } finally {
      done.set(true);
      executor.shutdownNow();
      current[0].close();
    }
  }

  private static FileDescriptor event(int value) {
    return new FileDescriptor(Libc.LIBRARY.eventfd(value, NON_BLOCKING_EVENT));
  }
}
