package dev.custos.agent.desired;

import dev.custos.spi.PathState;

/** Hears of states that change after a plan was applied, and of progress while it is. */
public interface StatusListener {
  /** Must not block. */
  void changed(String target, PathState state, boolean whileApplying);

  /** A backend died and is opened again; {@code reason} is what it died of. */
  void backendDied(String backend, String reason);

  /** It is back, and all plans are applied to it again. */
  void backendBack(String backend);
}
