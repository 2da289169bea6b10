package dev.custos.testkit;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.watch.WatchBackendProvider;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** What the promises of a watch backend are tested with. */
public interface WatchPromises {
  /** The backend under test, open and without a plan. */
  WatchBench bench();

  WatchBackendProvider providerUnderTest();

  /** The kinds that the backend can tell. */
  default Set<ChangeKind> supported() {
    return providerUnderTest().capabilities().kinds();
  }

  /** Skips a test of what the backend does not claim to do. */
  default void needs(ChangeKind... kinds) {
    for (ChangeKind kind : kinds) {
      Assumptions.assumeTrue(supported().contains(kind), () -> "does not claim to tell " + kind);
    }
  }
}
