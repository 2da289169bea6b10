package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several threads and processes change a tree at random, all at once. Whatever order the kernel
 * told it in, when they rest each directory that is there is watched, under the path that it has,
 * once, and nothing else is; and each file that was made meanwhile and is in the tree was told.
 * Another run of the same changes, if not of the same order: {@code -Dcustos.seed=...}.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class RandomTreeTest extends KernelTest {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("custos.seconds", LONG ? 1_800 : 6));
  private static final int THREADS = 3;
  private static final int PROCESSES = 2;

  /** What files are called that are made once, under a name of their own. */
  private static final String MADE = "made-";

  /** Few, so that hands meet. */
  private static final int NAMES = 6;

  private static final int DEEPEST = 5;

  private final Subject web = subject("web");
  private final long seed = Long.getLong("custos.seed", System.nanoTime());
  private int round;
  private int maxDepth;

  /** What is watched anew in each round, while the tree changes; null if it is watched already. */
  private Watch listedAnew;

  @Test
  void afterAnyChangesEachDirectoryIsWatchedUnderItsPathOnceAndNothingElse() throws Exception {
    bench().sh("mkdir data out; mkdir -p data/n0/n1 data/n2 out/n0/n3");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());
    rounds();
  }

  @Test
  void alsoWithADepthThatIsLimited() throws Exception {
    bench().sh("mkdir data out; mkdir -p data/n0/n1 data/n2 out/n0/n3");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().maxDepth(2).build());
    maxDepth = 2;
    rounds();
  }

  /** What goes wrong here does so once in minutes. */
  @Test
  void alsoWhileTheTreeIsListedForTheFirstTime() throws Exception {
    Assumptions.assumeTrue(LONG, "a long run, for -Plong");
    bench().sh("mkdir data out; mkdir -p data/n0/n1 data/n2 out/n0/n3");
    listedAnew = watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build();
    rounds();
  }

  private void rounds() throws Exception {
    ExecutorService hands = Executors.newFixedThreadPool(THREADS + PROCESSES);
    long end = System.nanoTime() + TIME.toNanos() / 2;
    try {
      while (System.nanoTime() - end < 0) {
        round++;
        changeAtRandom(hands);
        settle();
        check();
      }
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ", round " + round + ": " + e.getMessage(), e);
    } finally {
      hands.shutdownNow();
    }
  }

  private void changeAtRandom(ExecutorService hands) throws InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    for (int hand = 0; hand < THREADS + PROCESSES; hand++) {
      Random random = new Random(seed + round * 31L + hand);
      String mark = MADE + round + "-" + hand + "-";
      running.add(
          hands.submit(
              hand < THREADS ? () -> changeHere(random, mark) : () -> changeInShell(random, mark)));
    }
    if (listedAnew != null) {
      bench().apply();
      bench().apply(listedAnew);
    }
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError("a hand failed", e);
      }
    }
  }

  private void changeHere(Random random, String mark) {
    for (int i = random.nextInt(listedAnew == null ? 150 : 1500); i > 0; i--) {
      change(random, mark + i);
    }
  }

  /** Much slower than a thread, and so at other moments. */
  private void changeInShell(Random random, String mark) {
    StringBuilder script = new StringBuilder("exec 2>/dev/null; set +e\n");
    for (int i = random.nextInt(15); i > 0; i--) {
      String path = anyPath(random);
      String other = anyPath(random);
      String made = mark + i;
      script.append(
          switch (random.nextInt(7)) {
            case 0 -> "mkdir -p " + path + "/" + other;
            case 1 -> "rm -rf " + path;
            case 2 -> "(: > " + path + "/" + made + ")";
            case 3 ->
                "mkdir -p "
                    + made
                    + "/n1; : > "
                    + made
                    + "/n1/"
                    + made
                    + "; mv "
                    + made
                    + " "
                    + path
                    + "; rm -rf "
                    + made;
            case 4 -> "ln -s n1 " + made + "; mv -T " + made + " " + path + "; rm -f " + made;
            default -> "mv -T " + path + " " + other;
          });
      script.append('\n');
    }
    bench().sh(script.append("true").toString());
  }

  private void change(Random random, String made) {
    Path path = bench().root().resolve(anyPath(random));
    Path other = bench().root().resolve(anyPath(random));
    try {
      // What is listed for the first time is hard to hit: mostly by what takes least time.
      switch (random.nextInt(listedAnew == null ? 11 : 100)) {
        case 0, 1, 2 -> Files.createDirectories(path);
        case 3 -> Files.deleteIfExists(path);
        case 4 -> Files.createFile(path.resolve(made));
        case 7 -> Files.write(path, new byte[] {1});
        case 6 -> deleteTree(path);
        case 8, 9, 10 -> Files.move(path, other, StandardCopyOption.ATOMIC_MOVE);
        default -> RenameLibrary.tryExchange(path, other);
      }
    } catch (FileSystemException | UncheckedIOException e) {
      // Another hand was there before, or it is no directory, or not empty: so it goes.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String anyPath(Random random) {
    StringBuilder path = new StringBuilder(random.nextInt(4) == 0 ? "out" : "data");
    for (int depth = 1 + random.nextInt(DEEPEST); depth > 0; depth--) {
      path.append("/n").append(random.nextInt(NAMES));
    }
    return path.toString();
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Never follows a link, and no link here leads out of its own directory. */
  private static void deleteTree(Path top) throws IOException {
    if (!isDirectory(top)) {
      Files.deleteIfExists(top);
      return;
    }
    try (Stream<Path> children = Files.list(top)) {
      for (Path child : children.toList()) {
        if (isDirectory(child)) {
          deleteTree(child);
        }
        Files.deleteIfExists(child);
      }
    }
    Files.deleteIfExists(top);
  }

  /** Until nothing is in the queue, to be listed, or on its way from one place to another. */
  private void settle() {
    bench().settle();
    long deadline = System.nanoTime() + WatchBench.DEADLINE.toNanos();
    while (bench().backend().inspect().found() != watchesOfTheModel()
        && System.nanoTime() - deadline < 0) {
      bench().settle();
    }
  }

  /** The tree's directories, the root that its name is awaited in, and the bench's own mark. */
  private int watchesOfTheModel() {
    return directories().size() + 2;
  }

  private List<Path> directories() {
    Path data = bench().file("/data");
    try (Stream<Path> all = Files.walk(data, maxDepth == 0 ? Integer.MAX_VALUE : maxDepth)) {
      return all.filter(RandomTreeTest::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> without(List<String> all, List<String> others) {
    List<String> rest = new ArrayList<>(all);
    others.forEach(rest::remove);
    return rest;
  }

  private Set<String> namesTold() {
    return bench().events().eventsOf(web).stream()
        .map(event -> event.file().text())
        .collect(Collectors.toSet());
  }

  private Set<String> namesMade() throws IOException {
    try (Stream<Path> all = Files.walk(bench().file("/data"))) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith(MADE + round + "-"))
          .collect(Collectors.toSet());
    }
  }

  private void check() throws IOException {
    if (maxDepth == 0 && listedAnew == null) {
      assertThat(namesTold()).as("what was made and is there").containsAll(namesMade());
    }
    bench().events().clear();
    String name = "probe-" + round;
    List<String> expected = new ArrayList<>();
    List<Path> probes = new ArrayList<>();
    for (Path directory : directories()) {
      probes.add(Files.createFile(directory.resolve(name)));
      String path = "/" + bench().root().relativize(directory);
      expected.add("CREATE file " + path + ": " + name);
    }
    try (Stream<Path> out = Files.walk(bench().file("/out"))) {
      for (Path directory : out.filter(RandomTreeTest::isDirectory).toList()) {
        probes.add(Files.createFile(directory.resolve(name)));
      }
    }
    bench().settle();
    // What happens in a directory on its way is told as soon as it is known where that is.
    long deadline = System.nanoTime() + WatchBench.DEADLINE.toNanos();
    while (bench().told(web).size() < expected.size() && System.nanoTime() - deadline < 0) {
      bench().settle();
    }

    List<String> told = bench().told(web);
    assertThat(without(expected, told)).as("missed").isEmpty();
    assertThat(without(told, expected)).as("false, or told twice").isEmpty();
    assertThat(bench().backend().inspect().differences()).isEmpty();
    assertThat(bench().backend().inspect().found()).isEqualTo(watchesOfTheModel());
    for (Path probe : probes) {
      Files.delete(probe);
    }
  }
}
