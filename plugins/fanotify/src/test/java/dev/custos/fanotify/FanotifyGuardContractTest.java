package dev.custos.fanotify;

import dev.custos.spi.Target;
import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.testkit.GuardBackendContract;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What every guard backend promises, on the real kernel. */
class FanotifyGuardContractTest extends GuardBackendContract {
  private final Targets targets = new Targets();

  @Override
  protected GuardBackendProvider provider() {
    return new FanotifyProvider();
  }

  @Override
  protected Target target(Path root, OptionalLong owner) {
    return targets.at(root, owner);
  }

  @Override
  protected void release(Target target) {
    targets.close();
  }
}
