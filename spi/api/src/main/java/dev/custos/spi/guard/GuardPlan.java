package dev.custos.spi.guard;

import dev.custos.spi.Target;
import java.util.List;
import java.util.Objects;

/** Everything that is to be guarded in one target. Without a guard: let go of the target. */
public record GuardPlan(Target target, List<Guard> guards) {
  public GuardPlan {
    Objects.requireNonNull(target, "target");
    guards = List.copyOf(guards);
  }
}
