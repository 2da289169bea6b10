package dev.custos.spi.watch;

import dev.custos.spi.event.ChangeKind;
import java.util.Set;

/**
 * What a watch backend can do, so that a plan is given to one that can.
 *
 * @param kinds the changes it can tell apart
 * @param nativeRecursion whether one kernel object covers a whole tree
 * @param processFacts whether its events say who did it
 */
public record Capabilities(Set<ChangeKind> kinds, boolean nativeRecursion, boolean processFacts) {
  public Capabilities {
    kinds = Set.copyOf(kinds);
  }
}
