package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DecisionLogTest {
  private final DecisionLog log = new DecisionLog();

  @Test
  void decisionsComeOutInOrderAndOnce() {
    for (int i = 0; i < 10; i++) {
      note(i);
    }
    assertThat(drain(7)).containsExactly(0, 1, 2, 3, 4, 5, 6);
    assertThat(drain(7)).containsExactly(7, 8, 9);
    assertThat(drain(7)).isEmpty();
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void whatDoesNotFitIsCountedAndNotWaitedFor() {
    for (int i = 0; i < DecisionLog.CAPACITY + 3; i++) {
      note(i);
    }
    assertThat(log.takeLost()).isEqualTo(3);
    assertThat(log.takeLost()).isZero();
    assertThat(drain(DecisionLog.CAPACITY)).hasSize(DecisionLog.CAPACITY).startsWith(0, 1);
    note(4711);
    assertThat(drain(1)).containsExactly(4711);
  }

  @Test
  void aLongPathIsKeptWhole() {
    byte[] path = ("/" + "x".repeat(4000)).getBytes(StandardCharsets.US_ASCII);
    Decision decision = log.claim();
    decision.path(path, 1, path.length - 1);
    log.commit();
    log.drain(
        d ->
            assertThat(new String(d.path, 0, d.pathLength, StandardCharsets.US_ASCII))
                .isEqualTo("x".repeat(4000)),
        1);
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aReaderAndAPublisherNeedNoLockBetweenThem() throws Exception {
    int many = 200_000;
    Thread reader =
        new Thread(
            () -> {
              for (int i = 0; i < many; i++) {
                note(i);
              }
            });
    reader.start();
    List<Integer> taken = new ArrayList<>();
    long lost = 0;
    while (taken.size() + lost < many) {
      taken.addAll(drain(64));
      lost += log.takeLost();
    }
    reader.join();
    assertThat(taken).isSorted().doesNotHaveDuplicates();
    assertThat(taken.size() + lost).isEqualTo(many);
  }

  private void note(int pid) {
    Decision decision = log.claim();
    if (decision != null) {
      decision.pid = pid;
      log.commit();
    }
  }

  private List<Integer> drain(int atMost) {
    List<Integer> pids = new ArrayList<>();
    log.drain(d -> pids.add(d.pid), atMost);
    return pids;
  }
}
