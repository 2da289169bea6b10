package dev.custos.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class KeyedQueueTest {
  private static final Duration WAIT = Duration.ofSeconds(60);

  @Test
  void aKeyAddedManyTimesBeforeItsTurnIsWorkedOnOnce() throws Exception {
    List<String> turns = new CopyOnWriteArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (KeyedQueue<String> queue =
        new KeyedQueue<>(
            "test",
            1,
            key -> {
              begun.countDown();
              go.await();
              turns.add(key);
            })) {
      queue.add("first");
      begun.await();
      for (int i = 0; i < 10; i++) {
        queue.add("a");
      }
      queue.add("last");
      go.countDown();
      await().atMost(WAIT).until(() -> turns.contains("last"));
      assertThat(turns).containsExactly("first", "a", "last");
      assertThat(queue.depth()).isZero();
    }
  }

  @Test
  void aKeyAddedDuringItsTurnGetsAnotherAndNeverTwoAtATime() throws Exception {
    Map<String, AtomicInteger> atWork = new ConcurrentHashMap<>();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger turns = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (KeyedQueue<String> queue =
        new KeyedQueue<>(
            "test",
            4,
            key -> {
              AtomicInteger here = atWork.computeIfAbsent(key, k -> new AtomicInteger());
              most.accumulateAndGet(here.incrementAndGet(), Math::max);
              begun.countDown();
              go.await();
              here.decrementAndGet();
              turns.incrementAndGet();
            })) {
      queue.add("a");
      begun.await();
      queue.add("a");
      queue.add("a");
      go.countDown();
      await().atMost(WAIT).until(() -> turns.get() == 2);
      await().during(50, TimeUnit.MILLISECONDS).until(() -> turns.get() == 2);
      assertThat(most).hasValue(1);
    }
  }

  @Test
  void aTurnThatFailsIsRepeated() {
    AtomicInteger turns = new AtomicInteger();
    try (KeyedQueue<String> queue =
        new KeyedQueue<>(
            "test",
            1,
            key -> {
              if (turns.incrementAndGet() < 3) {
                throw new IllegalStateException("on purpose");
              }
            })) {
      queue.add("a");
      await().atMost(WAIT).until(() -> turns.get() == 3);
    }
  }
}
