package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backend on the real kernel for each test, and what root can change about that kernel. */
@Timeout(300)
abstract class KernelTest {
  private static final AtomicInteger TARGETS = new AtomicInteger();

  final HeldProvider provider = new HeldProvider();
  private final List<FileDescriptor> roots = new ArrayList<>();
  final Deque<Path> mounts = new ArrayDeque<>();
  private Path root;
  private WatchBench bench;

  @BeforeEach
  final void prepare(@TempDir Path temp) throws IOException {
    root = Files.createDirectory(temp.toRealPath().resolve("root"));
  }

  @AfterEach
  final void cleanUp() {
    provider.letGo();
    try {
      while (!mounts.isEmpty()) {
        run("umount", "-l", mounts.pop().toString());
      }
      if (bench != null) {
        bench.close();
        bench.context().assertThreadsEnded(WatchBench.DEADLINE);
      }
    } finally {
      roots.forEach(FileDescriptor::close);
    }
  }

  /** The backend, opened at the first call with the defaults. */
  final WatchBench bench() {
    return bench == null ? bench("") : bench;
  }

  /** The backend, opened with this configuration. */
  final WatchBench bench(String config) {
    try {
      Config parsed = ConfigFactory.parseString(config);
      bench = new WatchBench(provider, parsed, root, this::target);
      return bench;
    } catch (dev.custos.spi.BackendException e) {
      throw new AssertionError(e);
    }
  }

  final Target target(Path directory) {
    try {
      FileDescriptor fd = PathOpener.openRoot(directory.toString());
      roots.add(fd);
      return new Target(
          "target-" + TARGETS.incrementAndGet(),
          Origin.ofNode("node"),
          fd.number(),
          OptionalInt.empty(),
          OptionalLong.empty(),
          Path.of("/proc/self/mountinfo"));
    } catch (NativeException e) {
      throw new UncheckedIOException(e);
    }
  }

  // --- what only root can do

  /** Skips a test on a laptop, and fails it on the build machine, which must run all. */
  static void unavailable(String reason) {
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError(reason);
    }
    Assumptions.abort(reason);
  }

  final void mountTmpfs(String path) {
    mount("-t", "tmpfs", "custos-test", bench().file(path).toString());
  }

  final void bindMount(String from, String to) {
    mount("--bind", bench().file(from).toString(), bench().file(to).toString());
  }

  private void mount(String... arguments) {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    if (run(command.toArray(String[]::new)) != 0) {
      unavailable("mount(8) is not permitted here");
    }
    mounts.push(Path.of(arguments[arguments.length - 1]));
  }

  final void unmount(String path) {
    Path mountPoint = bench().file(path);
    assertThat(run("umount", mountPoint.toString())).as("umount %s", path).isZero();
    mounts.remove(mountPoint);
  }

  static int run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  // --- what tests ask

  /** Waits until a path's state is this, as told to the host. */
  final PathState awaitState(String path, PathState.State state) {
    return awaitState(path, state, "");
  }

  /** Waits until a path's state is this for a reason that holds these words. */
  final PathState awaitState(String path, PathState.State state, String words) {
    FilePath wanted = FilePath.of(path);
    return bench()
        .context()
        .coverage()
        .awaitChange(
            change ->
                change.state().path().equals(wanted)
                    && change.state().state() == state
                    && change.state().reason().contains(words),
            WatchBench.DEADLINE)
        .state();
  }

  final EventsLost awaitLoss(Subject subject, LossReason reason) {
    return (EventsLost)
        bench()
            .events()
            .awaitEvent(
                e ->
                    e.subject().equals(subject)
                        && e instanceof EventsLost lost
                        && lost.reason() == reason,
                WatchBench.DEADLINE);
  }

  final List<EventsLost> losses(Subject subject) {
    return bench().events().eventsOf(subject).stream()
        .filter(EventsLost.class::isInstance)
        .map(EventsLost.class::cast)
        .toList();
  }

  /** Once the kernel's last word on directories that are gone was heard. */
  final void inspectionMatches() {
    await()
        .atMost(WatchBench.DEADLINE)
        .untilAsserted(
            () -> {
              Inspection inspection = bench().backend().inspect();
              assertThat(inspection.differences()).isEmpty();
              assertThat(inspection.found()).isEqualTo(inspection.expected());
            });
  }
}
