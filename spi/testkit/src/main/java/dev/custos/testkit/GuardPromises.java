package dev.custos.testkit;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendException;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardBackendProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What the promises of a guard backend are tested with. */
public interface GuardPromises {
  /** The backend under test, open and without a plan. */
  GuardBackend backend();

  GuardBackendProvider providerUnderTest();

  TestBackendContext context();

  /** A process that is not this one, and is the target's owner. */
  OtherProcess other();

  Target target();

  /** A target with a root of its own. */
  Target anotherTarget(Path root);

  /** Where a path of the target lies for this process. */
  Path at(String path);

  /** Makes a file with a line in it, and its directories. */
  Path file(String path) throws IOException;

  /** Applies a plan of these guards to the target. */
  ApplyReport apply(Guard... guards) throws BackendException;

  /** What a subject was told, as {@code DENY OPEN_PERM /a (deny /a)}, once there is some of it. */
  List<String> told(Subject subject, int atLeast);

  /** Returns once something holds; fails if it does not in time. Each look must take a while. */
  void eventually(String promise, BooleanSupplier holds);

  /** Returns once a path of the plan was reported to be in this state. */
  default void awaitState(String path, State state) {
    context()
        .coverage()
        .awaitChange(
            change ->
                change.state().path().equals(FilePath.of(path)) && change.state().state() == state,
            GuardBackendContract.DEADLINE);
  }
}
