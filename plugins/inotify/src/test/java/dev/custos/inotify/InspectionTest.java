package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.custos.linux.PathBuffer;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the kernel has is compared with the plan, and put right where that is possible. */
class InspectionTest extends KernelTest {
  private final Subject web = subject("web");

  private void applyTree() {
    bench().sh("mkdir -p data/a/b other");
    bench().apply(watch(web, "/data").kinds(ChangeKind.CREATE).recursive().build());
  }

  @Test
  void whatTheKernelHasIsWhatWasAskedFor() {
    applyTree();

    inspectionMatches();
    // The tree's three, the root that waits for its name, and the bench's own mark.
    assertThat(bench().backend().inspect().found()).isEqualTo(5);
  }

  @Test
  void aWatchThatNobodyAskedForIsADifference() throws IOException {
    applyTree();
    byte[] other = bench().file("/other").toString().getBytes(StandardCharsets.UTF_8);
    int wd =
        InotifyLibrary.CALLS.inotify_add_watch(
            instance(), new PathBuffer().path(other, 0, other.length), Mask.CREATE);
    bench().touch("/other/unasked");
    bench().settle();

    String target = bench().target().id();
    assertThat(bench().backend().inspect().differences())
        .containsOnly(
            entry(target, List.of("the kernel has watch " + wd + ", which nobody asked for")));
    assertThat(bench().told(web)).isEmpty();

    // As the host does with a target that differs.
    bench().applyExactly(bench().target(), List.of());
    applyTree();

    inspectionMatches();
    bench().touch("/data/f");
    bench().await(web, "CREATE file /data: f");
  }

  @Test
  void aWatchThatTheKernelLostIsMadeAgain() throws IOException {
    applyTree();
    int wd = watchOf("/data");
    assertThat(InotifyLibrary.CALLS.inotify_rm_watch(instance(), wd)).isZero();
    bench().settle();
    bench().events().clear();

    bench().sh(": > data/f; : > data/a/b/g");
    bench().settle();

    assertThat(bench().told(web))
        .containsExactly("CREATE file /data: f", "CREATE file /data/a/b: g");
    inspectionMatches();
  }

  /** The descriptor of the only instance that watches {@code /data}. */
  private int instance() throws IOException {
    String inode = inodeOf("/data");
    try (Stream<Path> infos = Files.list(Path.of("/proc/self/fdinfo"))) {
      return infos
          .filter(info -> read(info).contains(inode))
          .mapToInt(info -> Integer.parseInt(info.getFileName().toString()))
          .findFirst()
          .orElseThrow();
    }
  }

  private int watchOf(String path) throws IOException {
    String inode = inodeOf(path);
    return read(Path.of("/proc/self/fdinfo/" + instance()))
        .lines()
        .filter(line -> line.contains(inode))
        .mapToInt(line -> Integer.parseInt(line.substring(11, line.indexOf(' ', 11)), 16))
        .findFirst()
        .orElseThrow();
  }

  private String inodeOf(String path) throws IOException {
    return "ino:"
        + Long.toHexString((long) Files.getAttribute(bench().file(path), "unix:ino"))
        + " ";
  }

  private static String read(Path info) {
    try {
      return Files.readString(info, StandardCharsets.US_ASCII);
    } catch (IOException | UncheckedIOException e) {
      return ""; // closed by another thread meanwhile
    }
  }
}
