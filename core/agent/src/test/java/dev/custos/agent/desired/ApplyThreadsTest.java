package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ApplyThreadsTest {
  private static final int TARGETS = 250;
  private static final long SECONDS = 60;

  private final ApplyThreads threads = new ApplyThreads("test");

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void hundredsOfTargetsShareAFewThreads() {
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    CountDownLatch done = new CountDownLatch(TARGETS);

    for (int i = 0; i < TARGETS; i++) {
      new SerialTasks(threads)
          .execute(
              () -> {
                used.add(Thread.currentThread());
                done.countDown();
              });
    }

    await(done);
    // On a busy machine some are taken for long ones.
    assertThat(used).hasSizeLessThan(TARGETS / 2);
  }

  @Test
  void tasksThatDoNotReturnHoldUpNobody() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch stuck = new CountDownLatch(4 * ApplyThreads.AT_ONCE);
    CountDownLatch others = new CountDownLatch(TARGETS);
    try {
      for (int i = 0; i < 4 * ApplyThreads.AT_ONCE; i++) {
        new SerialTasks(threads)
            .execute(
                () -> {
                  stuck.countDown();
                  ApplyThreadsTest.await(release);
                });
      }
      for (int i = 0; i < TARGETS; i++) {
        new SerialTasks(threads).execute(others::countDown);
      }

      await(stuck);
      await(others);
    } finally {
      release.countDown();
    }
  }

  @Test
  void tasksOfATargetRunInOrderAndNeverTwoAtOnce() {
    SerialTasks tasks = new SerialTasks(threads);
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    Set<Thread> inside = ConcurrentHashMap.newKeySet();
    CountDownLatch done = new CountDownLatch(1000);

    for (int i = 0; i < 1000; i++) {
      int number = i;
      tasks.execute(
          () -> {
            inside.add(Thread.currentThread());
            order.add(inside.size() == 1 ? number : -1);
            inside.remove(Thread.currentThread());
            done.countDown();
          });
    }

    await(done);
    assertThat(order).isEqualTo(IntStream.range(0, 1000).boxed().toList());
  }

  @Test
  void aTaskThatFailsTakesNoPlaceAndItsTargetGoesOn() {
    CountDownLatch done = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      SerialTasks tasks = new SerialTasks(threads);
      tasks.execute(
          () -> {
            throw new IllegalStateException("part of the test");
          });
      tasks.execute(done::countDown);
    }
    await(done);
  }

  @Test
  void endingNowInterruptsWhatRunsAndNothingElse() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    SerialTasks tasks = new SerialTasks(threads);
    tasks.execute(
        () -> {
          begun.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    tasks.execute(never::countDown);
    await(begun);

    tasks.endNow();
    tasks.awaitEnd(TimeUnit.SECONDS.toNanos(SECONDS));

    await(interrupted);
    tasks.execute(never::countDown);
    CountDownLatch after = new CountDownLatch(TARGETS);
    for (int i = 0; i < TARGETS; i++) {
      new SerialTasks(threads)
          .execute(
              () -> {
                if (!Thread.currentThread().isInterrupted()) {
                  after.countDown();
                }
              });
    }
    await(after);
    assertThat(never.getCount()).isEqualTo(1);
  }
}
