package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.WatchBench;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * File systems that come and go. The target is the host's whole tree, as in a container whose root
 * directory is that of its mount table.
 */
class MountTest extends KernelTest {
  private final Subject web = subject("web");
  private Target host;
  private List<Watch> plan;

  /** A path of the bench as a target sees it whose root is the host's. */
  private String full(String path) {
    return bench().file(path).toString();
  }

  private void apply(Watch... watches) {
    if (host == null) {
      host = target(Path.of("/"));
      bench().mkdir("/mark");
    }
    List<Watch> all = new ArrayList<>(List.of(watches));
    all.add(watch(subject("mark"), full("/mark")).kinds(ChangeKind.CREATE).build());
    plan = all;
    bench().applyExactly(host, plan);
  }

  private int marks;

  /** As the bench's settle, for this target. */
  private void settle() {
    String name = "m" + marks++;
    bench().touch("/mark/" + name);
    bench().await(subject("mark"), "CREATE file " + full("/mark") + ": " + name);
    bench().applyExactly(host, plan);
  }

  private Watch tree(String path) {
    return watch(web, full(path)).kinds(ChangeKind.CREATE).recursive().build();
  }

  private List<String> toldOf(String script) {
    settle();
    bench().events().clear();
    bench().sh(script);
    settle();
    return bench().told(web).stream().map(told -> told.replace(bench().root() + "", "")).toList();
  }

  private void awaitCovered(String path) {
    String name = "probe-" + marks++;
    Path probe = bench().file(path).resolve(name);
    await()
        .atMost(WatchBench.DEADLINE)
        .until(
            () -> {
              Files.deleteIfExists(probe);
              Files.createFile(probe);
              settle();
              return bench().told(web).contains("CREATE file " + full(path) + ": " + name);
            });
  }

  @Test
  void anUnmountAtTheSubjectIsTheLossOfItAndWhatWasBelowIsWatched() {
    bench().sh("mkdir -p data/below");
    mountTmpfs("/data");
    bench().sh("mkdir -p data/in/deep");
    apply(tree("/data"));
    assertThat(toldOf(": > data/in/deep/f")).containsExactly("CREATE file /data/in/deep: f");

    unmount("/data");
    EventsLost lost = awaitLoss(web, LossReason.UNMOUNTED);
    awaitCovered("/data/below");

    assertThat(lost.path()).isEqualTo(FilePath.of(full("/data")));
    assertThat(losses(web)).hasSize(1);
    assertThat(toldOf(": > data/g; : > data/below/g"))
        .containsExactly("CREATE file /data: g", "CREATE file /data/below: g");
  }

  @Test
  void anUnmountBelowTheSubjectIsALossAndTheRestGoesOn() {
    bench().sh("mkdir -p data/mnt/below data/other");
    mountTmpfs("/data/mnt");
    bench().sh("mkdir -p data/mnt/in");
    apply(tree("/data"));
    assertThat(toldOf(": > data/mnt/in/f")).containsExactly("CREATE file /data/mnt/in: f");

    unmount("/data/mnt");
    awaitLoss(web, LossReason.UNMOUNTED);
    awaitCovered("/data/mnt/below");

    assertThat(losses(web)).hasSize(1);
    assertThat(toldOf(": > data/mnt/g; : > data/other/g"))
        .containsExactly("CREATE file /data/mnt: g", "CREATE file /data/other: g");
  }

  @Test
  void whatAnUnmountUncoversWasNotMadeJustNow() {
    bench().sh("mkdir -p data/mnt/below; : > data/mnt/below/known");
    mountTmpfs("/data/mnt");
    apply(tree("/data"));

    unmount("/data/mnt");
    awaitLoss(web, LossReason.UNMOUNTED);
    awaitCovered("/data/mnt/below");

    assertThat(bench().told(web)).noneMatch(told -> told.contains("known"));
  }

  @Test
  void aMountOverTheSubjectIsALossAndTheNewFileSystemIsWatched() {
    bench().sh("mkdir -p data/below");
    apply(tree("/data"));

    mountTmpfs("/data");
    awaitLoss(web, LossReason.UNMOUNTED);
    bench().sh("mkdir -p data/in");
    awaitCovered("/data/in");

    unmount("/data");
    awaitCovered("/data/below");
    assertThat(toldOf(": > data/below/g")).containsExactly("CREATE file /data/below: g");
  }

  @Test
  void aMountBelowTheSubjectIsALossAndTheNewFileSystemIsWatched() {
    bench().sh("mkdir -p data/a/mnt/below");
    apply(tree("/data"));

    mountTmpfs("/data/a/mnt");
    EventsLost lost = awaitLoss(web, LossReason.UNMOUNTED);
    bench().sh("mkdir -p data/a/mnt/in");
    awaitCovered("/data/a/mnt/in");

    assertThat(lost.path()).isEqualTo(FilePath.of(full("/data/a/mnt")));
    unmount("/data/a/mnt");
    awaitCovered("/data/a/mnt/below");
  }

  @Test
  void aMountOnTheWayToTheSubjectHidesItUntilItIsGone() {
    bench().sh("mkdir -p a/b");
    apply(tree("/a/b"));

    mountTmpfs("/a");
    awaitState(full("/a/b"), State.PENDING);
    bench().context().coverage().clear();
    unmount("/a");
    awaitState(full("/a/b"), State.ACTIVE);

    assertThat(toldOf(": > a/b/f")).containsExactly("CREATE file /a/b: f");
  }

  @Test
  void aFileSystemThatIsWatchedCanBeUnmounted() {
    bench().sh("mkdir -p data");
    mountTmpfs("/data");
    bench().sh("mkdir -p data/in/deep; : > data/in/file");
    apply(tree("/data"), watch(subject("file"), full("/data/in/file")).build());

    for (int i = 0; i < 20; i++) {
      bench().sh("mkdir -p data/d" + i + "/deep; : > data/d" + i + "/deep/f");
    }
    settle();

    unmount("/data");
    awaitLoss(web, LossReason.UNMOUNTED);
    awaitLoss(subject("file"), LossReason.UNMOUNTED);
    awaitState(full("/data/in/file"), State.PENDING);
  }

  @Test
  void anotherMountThatHasNothingToDoWithTheSubjectIsNothingToIt() {
    bench().sh("mkdir -p data other");
    apply(tree("/data"));

    mountTmpfs("/other");
    bench().sh(": > other/f");
    unmount("/other");

    assertThat(toldOf(": > data/f")).containsExactly("CREATE file /data: f");
    assertThat(losses(web)).isEmpty();
  }

  @Test
  void mountsThatComeAndGoLeaveTheTreeCovered() {
    bench().sh("mkdir -p data/mnt/below");
    apply(tree("/data"));

    for (int i = 0; i < 5; i++) {
      mountTmpfs("/data/mnt");
      bench().sh("mkdir data/mnt/in");
      awaitCovered("/data/mnt/in");
      unmount("/data/mnt");
      awaitCovered("/data/mnt/below");
    }
    inspectionMatches();
  }
}
