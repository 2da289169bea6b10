package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A file system that never answers: fuse(4) that nobody serves. */
class StuckFileSystemTest extends KernelTest {
  private final Subject stuck = subject("stuck");
  private final Subject calm = subject("calm");
  private final List<Thread> threads = new ArrayList<>();
  private Process holder;

  /** Mounts it; whoever looks up a name there waits until {@link #giveUp}. */
  private void mountStuck(String path) throws IOException {
    String options = "fd=3,rootmode=40000,user_id=0,group_id=0,allow_other";
    holder =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "exec 3<>/dev/fuse && mount -i -t fuse -o "
                    + options
                    + " stuck \"$0\" && echo ok"
                    + " && read -r line",
                bench().file(path).toString())
            .redirectErrorStream(true)
            .start();
    byte[] said = holder.getInputStream().readNBytes(3);
    if (!"ok\n".equals(new String(said, StandardCharsets.UTF_8))) {
      unavailable("fuse can't be mounted here");
    }
    mounts.push(bench().file(path));
  }

  /** Closes the file system's device: all that wait for it get an error. */
  @AfterEach
  void giveUp() throws InterruptedException {
    if (holder != null) {
      holder.destroyForcibly().waitFor();
    }
  }

  private static Watch tree(Subject subject, String path) {
    return watch(subject, path).kinds(ChangeKind.CREATE).recursive().build();
  }

  private <T> FutureTask<T> begin(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    threads.add(new Thread(task, "host"));
    threads.get(threads.size() - 1).start();
    return task;
  }

  @Test
  void aTargetWhoseFileSystemDoesNotAnswerHoldsUpNoOther() throws Exception {
    bench().sh("mkdir -p one/mnt two/data");
    mountStuck("/one/mnt");
    Target one = bench().anotherTarget("/one");
    Target two = bench().anotherTarget("/two");
    WatchPlan waits = new WatchPlan(one, List.of(tree(stuck, "/mnt/dir")));

    FutureTask<ApplyReport> waiting = begin(() -> bench().backend().apply(waits));
    await()
        .atMost(WatchBench.DEADLINE)
        .until(() -> threads.get(0).getState() == Thread.State.WAITING);
    ApplyReport report = bench().applyExactly(two, List.of(tree(calm, "/data")));
    bench().sh("mkdir two/data/new; : > two/data/new/f");
    bench().await(calm, "CREATE file /data/new: f");

    assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
    // What can't be looked at is left out: it is no difference that the host could put right.
    Inspection inspection = bench().backend().inspect();
    assertThat(inspection.matches()).isTrue();
    assertThat(inspection.found()).isPositive();
    assertThat(waiting.isDone()).isFalse();

    // What the host does when its deadline has passed.
    threads.get(0).interrupt();
    PathState row = waiting.get(1, TimeUnit.MINUTES).paths().get(0);
    assertThat(row.state()).isEqualTo(State.PENDING);

    giveUp();
    awaitState("/mnt/dir", State.FAILED, "ENOTCONN");
    inspectionMatches();
  }

  /**
   * A target that hears directories being read has the others read silently, but not at any price.
   */
  @Test
  void aTargetBeginsToListenThoughAnotherOneIsHeldUp() throws Exception {
    bench().sh("mkdir -p one/mnt two/data/deep");
    mountStuck("/one/mnt");
    Target one = bench().anotherTarget("/one");
    Target two = bench().anotherTarget("/two");
    FutureTask<ApplyReport> waiting =
        begin(() -> bench().backend().apply(new WatchPlan(one, List.of(tree(stuck, "/mnt/dir")))));
    await()
        .atMost(WatchBench.DEADLINE)
        .until(() -> threads.get(0).getState() == Thread.State.WAITING);

    Watch opened = watch(calm, "/data").kinds(ChangeKind.OPEN).recursive().build();
    ApplyReport report = bench().applyExactly(two, List.of(opened));
    bench().sh("ls two/data/deep");
    bench().await(calm, "OPEN directory /data/deep");

    assertThat(report.paths().get(0).state()).isEqualTo(State.ACTIVE);
    assertThat(waiting.isDone()).isFalse();
    giveUp();
    assertThat(waiting.get(1, TimeUnit.MINUTES).paths()).hasSize(1);
  }

  /** Within one target, what is on such a file system is the concern of a thread of its own. */
  @Test
  void aPathOnAFileSystemThatDoesNotAnswerFailsAndTheTargetsOthersAreWatched() throws Exception {
    bench().sh("mkdir -p mnt data");
    mountStuck("/mnt");
    Target host = target(Path.of("/"));
    String path = bench().file("/mnt/dir").toString();
    String data = bench().file("/data").toString();
    List<Watch> both = List.of(tree(stuck, path), tree(calm, data));

    for (int i = 0; i < 2; i++) {
      ApplyReport report = bench().applyExactly(host, both);
      assertThat(report.paths())
          .extracting(PathState::state)
          .containsExactly(State.FAILED, State.ACTIVE);
      assertThat(report.paths().get(0).reason())
          .contains("\"" + bench().file("/mnt") + "\" does not answer");
      bench().touch("/data/f" + i);
      bench().await(calm, "CREATE file " + data + ": f" + i);
    }

    giveUp();
    awaitState(path, State.FAILED, "ENOTCONN");
    bench().applyExactly(host, List.of(both.get(1)));
    bench().touch("/data/g");
    bench().await(calm, "CREATE file " + data + ": g");
    inspectionMatches();
  }

  @Test
  void aBackendClosesThoughAFileSystemDoesNotAnswer() throws Exception {
    bench().sh("mkdir -p one/mnt");
    mountStuck("/one/mnt");
    Target one = bench().anotherTarget("/one");
    FutureTask<ApplyReport> waiting =
        begin(() -> bench().backend().apply(new WatchPlan(one, List.of(tree(stuck, "/mnt/dir")))));
    await()
        .atMost(WatchBench.DEADLINE)
        .until(() -> threads.get(0).getState() == Thread.State.WAITING);

    FutureTask<Path> closing =
        begin(
            () -> {
              bench().backend().close();
              return null;
            });

    closing.get(1, TimeUnit.MINUTES);
    assertThat(waiting.isDone()).isFalse();
    threads.get(0).interrupt();
    assertThat(waiting.get(1, TimeUnit.MINUTES).paths()).hasSize(1);
  }
}
