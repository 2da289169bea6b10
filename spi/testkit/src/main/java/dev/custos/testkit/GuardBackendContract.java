package dev.custos.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendException;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.spi.guard.GuardPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds a guard backend to what {@link dev.custos.spi} and {@link dev.custos.spi.guard} promise, on
 * real files below a directory of the test's own. A plugin's test extends this class.
 *
 * <p>An access that is never answered would hang whoever makes it, so each test has two deadlines:
 * one in this process, after which the backend is closed, and one in another process, which kills
 * this one; the kernel then lets everything pass.
 *
 * <p>Where the backend is not available, the tests are skipped with its reason, or fail if the
 * environment variable {@code CI} is {@code true}.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class GuardBackendContract
    implements GuardRulePromises, GuardPlanPromises, GuardPathPromises, GuardTreePromises {
  /** Far longer than any promise needs; only a broken one waits for it. */
  protected static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final int KILLED_AFTER_SECONDS = 45;
  private static final String PROBE_TEST = "probingTellsWhetherItWorksAndNeverThrows";

  private final List<Target> targets = new ArrayList<>();
  private Process watchdog;
  private Path root;
  private TestBackendContext context;
  private GuardBackend backend;
  private OtherProcess other;
  private Target target;

  /** The provider under test. */
  protected abstract GuardBackendProvider provider();

  /**
   * A target whose root is this directory. Each call gives a target with an id of its own.
   *
   * @param owner the process that is the container's own, if there is one
   */
  protected abstract Target target(Path root, OptionalLong owner);

  /** Closes what {@link #target} opened; called after the backend was closed. */
  protected void release(Target target) {}

  @BeforeEach
  protected final void openTheBackend(@TempDir Path directory, TestInfo test)
      throws BackendException, IOException {
    if (test.getTestMethod().filter(m -> m.getName().equals(PROBE_TEST)).isPresent()) {
      return;
    }
    Availability here = provider().probe();
    if (!here.available() && !"true".equals(System.getenv("CI"))) {
      Assumptions.abort("not available here: " + here.reason());
    }
    assertThat(here.available()).as(here.reason()).isTrue();
    // cat ends with 0 when this process closes its input, and is ended by timeout otherwise.
    String kill = "timeout " + KILLED_AFTER_SECONDS + " cat; [ $? -ne 124 ] || kill -9 ";
    watchdog = new ProcessBuilder("/bin/sh", "-c", kill + ProcessHandle.current().pid()).start();
    root = directory.toRealPath();
    other = OtherProcess.start();
    context = TestBackendContext.builder().build();
    backend = provider().open(context);
    target = anotherTarget(root);
  }

  @AfterEach
  protected final void closeTheBackend() throws IOException {
    if (backend == null) {
      return;
    }
    try {
      backend.close();
      context.assertThreadsEnded(DEADLINE);
    } finally {
      targets.forEach(this::release);
      other.close();
      watchdog.getOutputStream().close();
    }
  }

  @Override
  public final GuardBackendProvider providerUnderTest() {
    return provider();
  }

  @Override
  public final void eventually(String promise, BooleanSupplier holds) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + DEADLINE + ": " + promise);
      }
    }
  }

  @Override
  public final Target anotherTarget(Path at) {
    Target another = target(at, OptionalLong.of(other.pid()));
    targets.add(another);
    return another;
  }

  @Override
  public final GuardBackend backend() {
    return backend;
  }

  @Override
  public final TestBackendContext context() {
    return context;
  }

  @Override
  public final OtherProcess other() {
    return other;
  }

  @Override
  public final Target target() {
    return target;
  }

  @Override
  public final Path at(String path) {
    return root.resolve(path.substring(1));
  }

  @Override
  public final Path file(String path) throws IOException {
    Files.createDirectories(at(path).getParent());
    return Files.writeString(at(path), "a line\n");
  }

  @Override
  public final ApplyReport apply(Guard... guards) throws BackendException {
    return backend.apply(new GuardPlan(target, Arrays.asList(guards)));
  }

  @Override
  public final List<String> told(Subject subject, int atLeast) {
    return context
        .events()
        .awaitEvents(
            atLeast + " events of " + subject,
            all -> all.stream().filter(e -> e.subject().equals(subject)).count() >= atLeast,
            DEADLINE)
        .stream()
        .filter(e -> e.subject().equals(subject))
        .map(AccessDecided.class::cast)
        .map(e -> e.response() + " " + e.eventName() + " " + e.path() + " (" + e.rule() + ")")
        .toList();
  }

  @Test
  protected void probingTellsWhetherItWorksAndNeverThrows() {
    Availability first = provider().probe();
    assertThat(provider().probe()).isEqualTo(first);
    assertThat(first.available() || !first.reason().isBlank()).as("says why").isTrue();
  }
}
