package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.OtherProcess;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Trees that are made to be hard to watch. */
class HostileTreeTest extends KernelTest {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final int LEVELS_OF_A_PART = 2_000;

  private final Subject web = subject("web");

  private ApplyReport applyTree(String path) {
    return bench().apply(watch(web, path).kinds(ChangeKind.CREATE).recursive().build());
  }

  /** As many directories in each other, made of parts whose paths the kernel still takes. */
  private void makeDeep(String path, int levels) {
    String part = "/d".repeat(LEVELS_OF_A_PART);
    bench().sh("mkdir -p part" + part);
    for (int n = LEVELS_OF_A_PART; n < levels; n += LEVELS_OF_A_PART) {
      bench()
          .sh("mkdir -p next" + part + "; mv part/d next" + part + "/d; rmdir part; mv next part");
    }
    bench().sh("mv part ." + path);
  }

  @Test
  void aTreeTenThousandLevelsDeepIsWatchedToItsBottom() {
    String part = "/d".repeat(LEVELS_OF_A_PART);
    bench().sh("mkdir -p part" + part);
    try (OtherProcess diver = OtherProcess.start()) {
      assertThat(diver.succeeds("cd '" + bench().root() + "/part" + part + "'")).isTrue();
      for (int i = 1; i < 5; i++) {
        bench()
            .sh("mkdir -p next" + part + "; mv part/d next" + part + "; rmdir part; mv next part");
      }
      bench().sh("mv part deep");

      ApplyReport report = applyTree("/deep");
      assertThat(diver.succeeds(": > bottom; mkdir new")).isTrue();
      bench().settle();
      assertThat(diver.succeeds(": > new/file")).isTrue();
      bench().settle();

      assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
      assertThat(report.kernelObjects()).isEqualTo(10_002);
      FilePath bottom = FilePath.of("/deep" + "/d".repeat(10_000));
      List<IntegrityEvent> events = bench().events().eventsOf(web);
      assertThat(events).extracting(e -> e.file().text()).containsExactly("bottom", "new", "file");
      assertThat(events.get(0).path()).isEqualTo(bottom);
      assertThat(events.get(2).path()).isEqualTo(bottom.resolve(FilePath.of("new")));
    }
    inspectionMatches();
    bench().sh("rm -rf deep");
    awaitState("/deep", State.PENDING);
    inspectionMatches();
  }

  @Test
  void aDeepTreeThatIsMovedInIsWatchedAndOneThatIsMovedOutIsLetGo() {
    makeDeep("/deep", 6_000);
    bench().sh("mkdir data");
    applyTree("/data");

    bench().sh("mv deep data/deep");
    bench().events().awaitEvents("each level", all -> countOf(all) == 6_000, WatchBench.DEADLINE);
    bench().settle();
    assertThat(bench().told(web)).hasSize(6_000).doesNotHaveDuplicates();
    inspectionMatches();

    bench().sh("mv data/deep deep");
    await().atMost(WatchBench.DEADLINE).until(() -> bench().backend().inspect().found() < 10);
    inspectionMatches();
  }

  private long countOf(List<IntegrityEvent> events) {
    return events.stream().filter(e -> e.subject().equals(web)).count();
  }

  @Test
  void aPathBeyondTheLongestThatACallTakesIsToldWhole() {
    String name = "n".repeat(255);
    String fifteen = ("/" + name).repeat(15);
    bench().sh("mkdir -p part" + fifteen);
    try (OtherProcess diver = OtherProcess.start()) {
      assertThat(diver.succeeds("cd '" + bench().root() + "/part" + fifteen + "'")).isTrue();
      bench().sh("mkdir -p data" + fifteen + "; mv part data" + fifteen + "/");
      applyTree("/data");
      assertThat(diver.succeeds(": > " + name)).isTrue();
      bench().settle();
    }

    assertThat(bench().events().eventsOf(web))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.path())
                  .isEqualTo(FilePath.of("/data" + fifteen + "/part" + fifteen));
              assertThat(event.file()).isEqualTo(FilePath.of(name));
            });
    inspectionMatches();
  }

  @Test
  void invalidUtf8InEveryPlaceOfAPathComesThrough() {
    byte[] bad = {(byte) 0xff, '\n', (byte) 0xc3, '(', (byte) 0x80};
    String word = WatchBench.shWord(bad);
    bench().sh("mkdir data");
    applyTree("/data");

    bench().sh("d=" + word + "; mkdir -p \"data/$d/$d\"; : > \"data/$d/$d/$d\"");
    bench().settle();
    bench().sh("d=" + word + "; mv \"data/$d/$d\" \"data/$d$d\"; : > \"data/$d$d/$d-2\"");
    bench().settle();

    FilePath name = FilePath.ofBytes(bad);
    FilePath data = FilePath.of("/data");
    byte[] twice = Arrays.copyOf(bad, 2 * bad.length);
    System.arraycopy(bad, 0, twice, bad.length, bad.length);
    List<IntegrityEvent> events = bench().events().eventsOf(web);
    assertThat(events)
        .extracting(IntegrityEvent::path)
        .containsExactly(
            data,
            data.resolve(name),
            data.resolve(name).resolve(name),
            data.resolve(FilePath.ofBytes(twice)));
    assertThat(events.get(2).file()).isEqualTo(name);
    assertThat(bench().told(web)).as("fit to be printed").noneMatch(told -> told.contains("\n"));
  }

  @Test
  void aDirectoryOfAHundredThousandFilesIsToldWholeWhenItMovesIn() {
    int files = LONG ? 1_000_000 : 100_000;
    bench().sh("mkdir big data");
    makeFiles("/big", files);
    applyTree("/data");

    bench().sh("mv big data/big");
    bench()
        .events()
        .awaitEvents("all files", all -> all.size() >= files, WatchBench.DEADLINE.multipliedBy(4));
    bench().touch("/data/big/after");
    bench().await(web, "CREATE file /data/big: after");

    List<IntegrityEvent> events = bench().events().eventsOf(web);
    assertThat(events).hasSize(files + 1);
    assertThat(events.stream().map(IntegrityEvent::file).distinct()).hasSize(files + 1);
  }

  private void makeFiles(String directory, int files) {
    for (int i = 0; i < files; i += 20_000) {
      int last = Math.min(files, i + 20_000) - 1;
      bench().sh("cd ." + directory + "; seq -f file-%.0f " + i + " " + last + " | xargs touch");
    }
  }

  @Test
  void aLargeDirectoryIsListedWithoutAnybodyHearingOfIt() {
    bench().sh("mkdir -p data/deep");
    makeFiles("/data/deep", 20_000);
    bench().sh("cd data/deep; mkdir $(seq 1000)");
    bench().apply(watch(web, "/data").kinds(EnumSet.allOf(ChangeKind.class)).recursive().build());
    bench()
        .apply(
            watch(web, "/data").kinds(EnumSet.allOf(ChangeKind.class)).recursive().build(),
            watch(subject("other"), "/data").recursive().build());
    bench().settle();

    assertThat(bench().told(web)).isEmpty();
    assertThat(bench().told(subject("other"))).isEmpty();
  }

  @Test
  void aDirectoryThatMayNotBeReadIsNamedAndTheRestIsWatched() throws IOException {
    provider.dropPrivileges();
    needsRoot();
    bench()
        .sh(
            "mkdir -p data/closed/deep data/open; chmod 755 . data data/open; chmod 700 data/closed");
    Files.setPosixFilePermissions(
        bench().root().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));

    ApplyReport report = applyTree("/data");
    PathState row = report.paths().get(0);
    bench().sh(": > data/open/f; : > data/closed/unseen");
    bench().settle();

    assertThat(row.state()).isEqualTo(State.ACTIVE);
    assertThat(row.reason()).contains("/data/closed").contains("EACCES");
    assertThat(bench().told(web)).containsExactly("CREATE file /data/open: f");
    inspectionMatches();
  }

  @Test
  void aSubjectThatMayNotBeReadFailsWithItsError() throws IOException {
    provider.dropPrivileges();
    needsRoot();
    bench().sh("mkdir -p data; chmod 755 .; chmod 700 data");
    Files.setPosixFilePermissions(
        bench().root().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));

    PathState row = applyTree("/data").paths().get(0);
    assertThat(row.state()).isEqualTo(State.FAILED);
    assertThat(row.reason()).contains("/data").contains("EACCES");

    bench().sh("chmod 755 data");
    awaitState("/data", State.ACTIVE);
    bench().touch("/data/f");
    bench().await(web, "CREATE file /data: f");
  }

  private static void needsRoot() throws IOException {
    if ((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") != 0) {
      unavailable("only root has privileges to drop");
    }
  }

  /**
   * The container swaps a directory for a link that leads to the host's files, as fast as it can,
   * while the agent opens paths through it.
   */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aProcessThatSwapsLinksNeverGetsUsOutsideTheRoot() throws Exception {
    bench()
        .sh("mkdir -p box/pub/a/b outside/b box/pub/spare; ln -s ../../outside box/pub/relative");
    bench().sh("ln -s " + bench().root() + "/outside box/pub/absolute; : > outside/secret");
    Target box = bench().anotherTarget("/box");
    Path pub = bench().file("/box/pub");
    String outside = inodeOf(bench().file("/outside"));
    String deeper = inodeOf(bench().file("/outside/b"));
    AtomicBoolean enough = new AtomicBoolean();
    Thread swapper = new Thread(() -> swap(pub, enough), "swapper");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG ? 120 : 3);
    swapper.start();
    int rounds = 0;
    try {
      while (rounds <= 10 || System.nanoTime() - end < 0) {
        bench()
            .applyExactly(
                box,
                List.of(
                    watch(web, "/pub/a/b").kinds(ChangeKind.CREATE).recursive().build(),
                    watch(web, "/pub").kinds(ChangeKind.CREATE).recursive().build(),
                    watch(web, "/pub/a/secret").kinds(ChangeKind.OPEN).build(),
                    watch(web, "/pub/a").kinds(ChangeKind.CREATE).followMove().build()));
        assertThat(watchedInodes()).doesNotContain(outside, deeper);
        Files.createFile(bench().file("/outside/secret-" + rounds));
        Files.createFile(bench().file("/outside/b/secret-" + rounds));
        bench().applyExactly(box, List.of());
        rounds++;
      }
    } finally {
      enough.set(true);
      swapper.join();
    }

    assertThat(bench().told(web)).noneMatch(told -> told.contains("secret"));
  }

  private static void swap(Path pub, AtomicBoolean enough) {
    try {
      while (!enough.get()) {
        for (String link : List.of("relative", "absolute")) {
          Files.move(pub.resolve("a"), pub.resolve("kept"));
          Files.move(pub.resolve(link), pub.resolve("a"));
          Files.move(pub.resolve("a"), pub.resolve(link));
          Files.move(pub.resolve("kept"), pub.resolve("a"));
          RenameLibrary.exchange(pub.resolve("a"), pub.resolve(link));
          RenameLibrary.exchange(pub.resolve("a"), pub.resolve(link));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String inodeOf(Path path) throws IOException {
    return "ino:" + Long.toHexString((long) Files.getAttribute(path, "unix:ino")) + " ";
  }

  /** Every inode that this process has an inotify watch on, as proc_pid_fdinfo(5) writes it. */
  private static Set<String> watchedInodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> infos = Files.list(Path.of("/proc/self/fdinfo"))) {
      for (Path info : infos.toList()) {
        try (Stream<String> lines = Files.lines(info, StandardCharsets.US_ASCII)) {
          lines
              .filter(line -> line.startsWith("inotify wd:"))
              .map(line -> line.split(" ", 4)[2] + " ")
              .forEach(inodes::add);
        } catch (IOException | UncheckedIOException e) {
          // Closed by another thread meanwhile.
        }
      }
    }
    return inodes;
  }

  @Test
  void entriesThatAreNeitherFilesNorDirectoriesAreToldAsFilesAndNeverOpened() {
    bench().sh("mkdir data");
    applyTree("/data");

    // Opening a named pipe without a writer would block for ever.
    bench().sh("mkfifo data/pipe; ln -s / data/link; ln -s pipe data/to-pipe");
    bench().sh("mkdir made; mkfifo made/pipe; ln -s / made/link; mv made data/made");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactlyInAnyOrder(
            "CREATE file /data: pipe",
            "CREATE file /data: link",
            "CREATE file /data: to-pipe",
            "CREATE file /data/made: pipe",
            "CREATE file /data/made: link");
    assertThat(bench().events().eventsOf(web))
        .allSatisfy(e -> assertThat(e.fileType()).isEqualTo(FileType.FILE));
  }

  @Test
  void aNamedPipeAsSubjectIsWatchedAndNotOpened() {
    bench().sh("mkfifo pipe");
    ApplyReport report = bench().apply(watch(web, "/pipe").kinds(ChangeKind.ATTRIB).build());

    bench().sh("chmod 600 pipe");
    bench().settle();

    assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
    assertThat(bench().told(web)).containsExactly("ATTRIB file /pipe");
  }
}
