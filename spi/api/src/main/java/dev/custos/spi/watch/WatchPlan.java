package dev.custos.spi.watch;

import dev.custos.spi.Target;
import java.util.List;
import java.util.Objects;

/** Everything that is to be watched in one target. Without a watch: let go of the target. */
public record WatchPlan(Target target, List<Watch> watches) {
  public WatchPlan {
    Objects.requireNonNull(target, "target");
    watches = List.copyOf(watches);
  }
}
