package dev.custos.agent.desired;

import dev.custos.spi.PathState;
import dev.custos.spi.Target;

/** Hears of states that change after a plan was applied, and of progress while it is. */
public interface StatusListener {
  /** Must not block. */
  void changed(String target, PathState state, boolean whileApplying);

  /** A container's process ended: what is asked of it is pending now. */
  void targetEnded(Target target);

  /**
   * A container is there, some time after it was asked for: all that is asked of it was applied.
   */
  void targetBack(Target target);

  /** A backend died and is opened again; {@code reason} is what it died of. */
  void backendDied(String backend, String reason);

  /** It is back, and all plans are applied to it again. */
  void backendBack(String backend);
}
