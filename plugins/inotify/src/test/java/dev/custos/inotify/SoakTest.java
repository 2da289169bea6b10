package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Much work leaves nothing behind: no descriptor, no thread, no memory, no kernel watch. */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class SoakTest extends KernelTest {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final int ROUNDS = LONG ? 10_000 : 60;
  private static final int EVENTS = LONG ? 10_000_000 : 30_000;

  /** What a leak of a hundred bytes in each round or event would exceed, and noise does not. */
  private static final long GROWTH = 2L << 20;

  private final Subject web = subject("web");

  @Test
  void plansThatComeAndGoLeaveNothingBehind() {
    bench().sh("mkdir -p data/a/b data/c; : > data/file; ln -s data/a link");
    Target target = bench().anotherTarget("/");
    List<Watch> watches =
        List.of(
            watch(web, "/data").recursive().build(),
            watch(web, "/data/file").followMove().build(),
            watch(web, "/link").recursive().build(),
            watch(web, "/absent/path").build());
    applyRounds(target, watches, ROUNDS / 10);
    int descriptors = descriptors();
    int threads = bench().context().liveThreads().size();
    long memory = usedMemory();

    applyRounds(target, watches, ROUNDS);

    descriptorsComeDownTo(descriptors);
    // One that has nothing to do any more waits a second for more.
    await()
        .atMost(WatchBench.DEADLINE)
        .until(() -> bench().context().liveThreads().size() <= threads);
    assertThat(usedMemory() - memory).isLessThan(GROWTH);
  }

  private void applyRounds(Target target, List<Watch> watches, int rounds) {
    for (int i = 0; i < rounds; i++) {
      bench().applyExactly(target, watches);
      bench().touch("/data/a/b/f");
      bench().sh("rm data/a/b/f");
      bench().applyExactly(target, List.of());
      bench().events().clear();
      bench().context().coverage().clear();
    }
  }

  @Test
  void plansThatChangeWithinATargetLeaveNothingBehind() {
    bench().sh("mkdir -p data/a/b other");
    Watch stays = watch(subject("stays"), "/other").build();
    Watch comes = watch(web, "/data").recursive().build();
    changeRounds(stays, comes, ROUNDS / 10);
    int descriptors = descriptors();
    int watches = bench().backend().inspect().found();
    long memory = usedMemory();

    changeRounds(stays, comes, ROUNDS);

    descriptorsComeDownTo(descriptors);
    assertThat(bench().backend().inspect().found()).isEqualTo(watches);
    assertThat(usedMemory() - memory).isLessThan(GROWTH);
    inspectionMatches();
  }

  private void changeRounds(Watch stays, Watch comes, int rounds) {
    for (int i = 0; i < rounds; i++) {
      bench().apply(stays, comes);
      bench().apply(stays);
      bench().events().clear();
      bench().context().coverage().clear();
    }
  }

  @Test
  void manyEventsLeaveNothingBehind() {
    bench().sh("mkdir -p data/a/b out");
    bench().apply(watch(web, "/data").kinds(Set.of(ChangeKind.values())).recursive().build());
    churn(EVENTS / 10);
    int descriptors = descriptors();
    int watches = bench().backend().inspect().found();
    long memory = usedMemory();

    churn(EVENTS);

    await().atMost(WatchBench.DEADLINE).until(() -> bench().backend().inspect().found() == watches);
    descriptorsComeDownTo(descriptors);
    assertThat(usedMemory() - memory).isLessThan(GROWTH);
    inspectionMatches();
  }

  /** Files and directories are made, moved within, moved out and deleted: some ten events each. */
  private void churn(int events) {
    try {
      for (int i = 0; i < events / 20; i++) {
        Path file = bench().file("/data/a/f" + i);
        Files.write(file, new byte[] {1});
        Path moved = Files.move(file, bench().file("/data/a/b/f" + i));
        Files.delete(moved);
        Path directory = Files.createDirectory(bench().file("/data/d" + i));
        Files.createDirectory(directory.resolve("deep"));
        Path out = Files.move(directory, bench().file(i % 2 == 0 ? "/out/d" : "/data/a/d"));
        Files.delete(out.resolve("deep"));
        Files.delete(out);
        if (i % 500 == 0) {
          bench().settle();
          bench().events().clear();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bench().sh("rm -f settle/*");
    bench().settle();
    bench().events().clear();
    bench().context().coverage().clear();
  }

  /** The JVM has some of its own open now and then. */
  private static void descriptorsComeDownTo(int before) {
    await().atMost(WatchBench.DEADLINE).until(() -> descriptors() <= before);
  }

  private static int descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is in use once the garbage is gone. */
  private static long usedMemory() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
