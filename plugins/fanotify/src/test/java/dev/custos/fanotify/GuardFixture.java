package dev.custos.fanotify;

import com.typesafe.config.ConfigFactory;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendException;
import dev.custos.spi.PathState;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.testkit.OtherProcess;
import dev.custos.testkit.TestBackendContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;

/**
 * A backend, a target below a directory of a test, and a process that is a stranger to both. A
 * process of its own ends this one if it hangs, so that the machine gets its files back.
 */
final class GuardFixture implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int KILLED_AFTER_SECONDS = 120;

  private final Path root;
  private final Process watchdog;
  private final OtherProcess other = OtherProcess.start();
  private final TestBackendContext context;
  private final GuardBackend backend;
  private final Targets targets = new Targets();
  private Target target;

  GuardFixture(Path directory) throws IOException, BackendException {
    this(directory, "");
  }

  /** With settings, as in {@code custos.backends.fanotify}. */
  GuardFixture(Path directory, String settings) throws IOException, BackendException {
    context = TestBackendContext.builder().config(ConfigFactory.parseString(settings)).build();
    FanotifyProvider provider = new FanotifyProvider();
    Availability here = provider.probe();
    if (!here.available() && !"true".equals(System.getenv("CI"))) {
      Assumptions.abort("not available here: " + here.reason());
    }
    // cat ends with 0 when this process closes its input, and is ended by timeout otherwise.
    String kill = "timeout " + KILLED_AFTER_SECONDS + " cat; [ $? -ne 124 ] || kill -9 ";
    watchdog = new ProcessBuilder("/bin/sh", "-c", kill + ProcessHandle.current().pid()).start();
    root = directory.toRealPath();
    // Other users are to get as far as the guard.
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    backend = provider.open(context);
    target = targets.at(root, OptionalLong.of(other.pid()));
  }

  OtherProcess other() {
    return other;
  }

  /** Takes another process for the target's own from the next plan on. */
  void ownedBy(long pid) {
    target = targets.at(root, OptionalLong.of(pid));
  }

  Path at(String path) {
    return root.resolve(path.substring(1));
  }

  /** Makes a file with a line in it, and its directories. */
  Path file(String path) throws IOException {
    Files.createDirectories(at(path).getParent());
    return Files.writeString(at(path), "a line\n");
  }

  ApplyReport apply(Guard... guards) throws BackendException {
    return backend.apply(new GuardPlan(target, List.of(guards)));
  }

  ApplyReport apply(Target some, Guard... guards) throws BackendException {
    return backend.apply(new GuardPlan(some, List.of(guards)));
  }

  Target target() {
    return target;
  }

  Targets targets() {
    return targets;
  }

  GuardBackend backend() {
    return backend;
  }

  TestBackendContext context() {
    return context;
  }

  /** Returns once a path was reported to be in a state; the report. */
  PathState awaitState(String path, PathState.State state) {
    return context
        .coverage()
        .awaitChange(
            change ->
                change.state().path().equals(FilePath.of(path)) && change.state().state() == state,
            DEADLINE)
        .state();
  }

  /** What a subject was told, once there are so many events of it. */
  List<AccessDecided> told(Subject subject, int atLeast) {
    return context
        .events()
        .awaitEvents(
            atLeast + " events of " + subject,
            all -> all.stream().filter(e -> e.subject().equals(subject)).count() >= atLeast,
            DEADLINE)
        .stream()
        .filter(e -> e.subject().equals(subject))
        .map(AccessDecided.class::cast)
        .toList();
  }

  /** A copy of a program, for everyone to run. */
  Path program(String original, Path copy) throws IOException {
    Files.createDirectories(copy.getParent());
    Files.copy(Path.of(original).toRealPath(), copy);
    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
    return copy;
  }

  @Override
  public void close() throws IOException {
    try {
      backend.close();
      context.assertThreadsEnded(DEADLINE);
    } finally {
      targets.close();
      other.close();
      watchdog.getOutputStream().close();
    }
  }
}
