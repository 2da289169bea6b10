package dev.custos.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendException;
import dev.custos.spi.Target;
import dev.custos.spi.watch.WatchBackendProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds a watch backend to what {@link dev.custos.spi} and {@link dev.custos.spi.watch} promise, on
 * real directories. A plugin's test extends this class and says what is its own.
 *
 * <p>Where the backend is not available, the tests are skipped with its reason, or fail if the
 * environment variable {@code CI} is {@code true}. Kinds that the backend's capabilities leave out
 * are skipped; {@code CREATE} is needed throughout.
 */
@Timeout(180)
public abstract class WatchBackendContract
    implements WatchPlanPromises, WatchKindPromises, WatchRecursionPromises, WatchNamePromises {
  private static final String PROBE_TEST = "probingTellsWhetherItWorksAndNeverThrows";

  private final List<Target> opened = new ArrayList<>();
  private WatchBench bench;

  /** The provider under test. Called once for each test. */
  protected abstract WatchBackendProvider provider();

  /**
   * A target whose root is this directory. Each call gives a target with an id of its own, also for
   * a root that had one before.
   */
  protected abstract Target target(Path root);

  /** Closes what {@link #target} opened; called after the backend was closed. */
  protected void release(Target target) {}

  /** The backend's part of the configuration; by default none. */
  protected Config config() {
    return ConfigFactory.empty();
  }

  @BeforeEach
  protected final void openTheBackend(@TempDir Path root, TestInfo test)
      throws BackendException, IOException {
    if (test.getTestMethod().filter(m -> m.getName().equals(PROBE_TEST)).isPresent()) {
      return;
    }
    Availability here = provider().probe();
    if (!here.available() && !"true".equals(System.getenv("CI"))) {
      Assumptions.abort("not available here: " + here.reason());
    }
    assertThat(here.available()).as(here.reason()).isTrue();
    bench = new WatchBench(provider(), config(), root.toRealPath(), this::open);
  }

  private Target open(Path root) {
    Target target = target(root);
    opened.add(target);
    return target;
  }

  @AfterEach
  protected final void closeTheBackend() {
    try {
      if (bench != null) {
        bench.close();
        bench.context().assertThreadsEnded(WatchBench.DEADLINE);
      }
    } finally {
      opened.forEach(this::release);
    }
  }

  @Override
  public final WatchBench bench() {
    return bench;
  }

  @Override
  public final WatchBackendProvider providerUnderTest() {
    return provider();
  }

  @Test
  protected void probingTellsWhetherItWorksAndNeverThrows() {
    Availability first = provider().probe();
    Availability second = provider().probe();

    assertThat(second).isEqualTo(first);
    assertThat(first.available() || !first.reason().isBlank())
        .as("says why it is not available")
        .isTrue();
  }
}
