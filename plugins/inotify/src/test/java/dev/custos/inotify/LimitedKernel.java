package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.linux.Errno;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is tried in a process of its own, which is root of a user namespace of its own: the kernel's
 * limits can be lowered there without anybody else's being so. See user_namespaces(7).
 */
final class LimitedKernel extends KernelTest {
  private final Subject web = subject("web");
  private final Subject other = subject("other");

  private LimitedKernel() {}

  /** Runs what {@code what} names in an empty directory. */
  public static void main(String[] arguments) throws IOException {
    LimitedKernel kernel = new LimitedKernel();
    kernel.prepare(Path.of(arguments[1]));
    try {
      switch (arguments[0]) {
        case "watches" -> kernel.theLimitOfWatchesIsMet();
        case "instances" -> kernel.theLimitOfInstancesIsMet();
        case "half of the instances" -> kernel.halfOfTheInstancesAreLeftToOthers();
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    } finally {
      kernel.cleanUp();
    }
  }

  private static void limit(String name, int value) throws IOException {
    Files.writeString(Path.of("/proc/sys/user", name), Integer.toString(value));
  }

  private static Watch tree(Subject subject, String path) {
    return watch(subject, path).kinds(ChangeKind.CREATE).recursive().build();
  }

  private void theLimitOfWatchesIsMet() throws IOException {
    bench("max-total = 1000000").sh("mkdir -p data; cd data; mkdir $(seq 300)");
    limit("max_inotify_watches", 60);

    ApplyReport report = bench().apply(tree(web, "/data"), watch(other, "/data/300").build());
    PathState row =
        report.paths().stream().filter(r -> r.subject().equals(web)).findFirst().orElseThrow();

    assertThat(row.state()).isEqualTo(State.FAILED);
    assertThat(row.reason()).contains("ENOSPC").contains("user.max_inotify_watches is 60");
    assertThat(report.kernelObjects()).isBetween(40, 60);
    bench().touch("/data/f");
    bench().await(web, "CREATE file /data: f");
    inspectionMatches();

    limit("max_inotify_watches", 10_000);
    bench()
        .context()
        .coverage()
        .awaitChange(
            change ->
                change.state().subject().equals(web) && change.state().state() == State.ACTIVE,
            WatchBench.DEADLINE);
    bench().touch("/data/299/f");
    bench().await(web, "CREATE file /data/299: f");
    inspectionMatches();
  }

  private void theLimitOfInstancesIsMet() throws IOException {
    bench().sh("mkdir -p one two");
    Target one = bench().anotherTarget("/one");
    Target two = bench().anotherTarget("/two");
    limit("max_inotify_instances", 1);
    bench().apply();

    bench().applyExactly(one, List.of(tree(web, "/")));
    bench().applyExactly(two, List.of(tree(other, "/")));
    assertThat(provider.probe().toString()).contains("EMFILE").contains("max_inotify_instances");
    assertThat(Limits.instancesReason(Errno.EMFILE)).contains("user.max_inotify_instances is 1");
    bench().sh(": > one/f; : > two/g");
    bench().await(web, "CREATE file /: f");
    bench().await(other, "CREATE file /: g");

    bench().applyExactly(one, List.of());
    bench().touch("/two/h");
    bench().await(other, "CREATE file /: h");
    bench().settle();
    assertThat(bench().told(web)).containsExactly("CREATE file /: f");
    assertThat(bench().told(other)).containsExactly("CREATE file /: g", "CREATE file /: h");
    inspectionMatches();
  }

  private void halfOfTheInstancesAreLeftToOthers() throws IOException {
    limit("max_inotify_instances", 6);
    bench().sh("mkdir t0 t1 t2 t3 t4 t5 t6");
    for (int i = 0; i <= 6; i++) {
      Target target = bench().anotherTarget("/t" + i);
      ApplyReport report = bench().applyExactly(target, List.of(tree(subject("s" + i), "/")));
      assertThat(report.paths()).extracting(PathState::state).containsOnly(State.ACTIVE);
    }

    try (InotifyDescriptor one = InotifyDescriptor.open();
        InotifyDescriptor two = InotifyDescriptor.open();
        InotifyDescriptor three = InotifyDescriptor.open()) {
      assertThat(List.of(one, two, three))
          .extracting(InotifyDescriptor::number)
          .doesNotHaveDuplicates();
    }
    for (int i = 0; i <= 6; i++) {
      bench().touch("/t" + i + "/f");
      bench().await(subject("s" + i), "CREATE file /: f");
      assertThat(bench().told(subject("s" + i))).hasSize(1);
    }
    inspectionMatches();
  }
}
