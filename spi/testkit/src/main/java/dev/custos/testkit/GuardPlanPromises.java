package dev.custos.testkit;

import static dev.custos.testkit.GuardBackendContract.DEADLINE;
import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a guard backend promises about plans, reports, targets and its own end. */
public interface GuardPlanPromises extends GuardPromises {
  @Test
  default void aBadPathIsARowBesideItsGoodNeighbours() throws Exception {
    Path good = file("/data/good");
    ApplyReport report = apply(guard(subject("web")).deny("/data/good/no", "/data/good").build());

    assertThat(report.paths())
        .extracting(PathState::state)
        .containsExactly(State.FAILED, State.ACTIVE);
    assertThat(report.paths().get(0).reason()).contains("/data/good/no").contains("ENOTDIR");
    assertThat(other().opens(good)).isFalse();
  }

  @Test
  default void aGuardOfDirectoriesLeavesFilesOutAndSaysSo() throws Exception {
    Path file = file("/data/file");
    ApplyReport report = apply(guard(subject("web")).deny("/data/file").onlyDir().build());

    assertThat(report.paths()).extracting(PathState::state).containsExactly(State.FAILED);
    assertThat(report.paths().get(0).reason()).contains("not a directory");
    assertThat(other().opens(file)).isTrue();
  }

  @Test
  default void aLinkNeverLeadsAGuardOutOfTheTarget() throws Exception {
    Path inside = file("/target/etc/secret");
    Path outside = file("/etc/secret");
    Files.createSymbolicLink(at("/target/link"), Path.of("/etc/secret"));
    Target below = anotherTarget(at("/target"));

    backend().apply(new GuardPlan(below, List.of(guard(subject("web")).deny("/link").build())));

    assertThat(other().opens(inside)).isFalse();
    assertThat(other().opens(outside)).isTrue();
    assertThat(told(subject("web"), 1)).containsExactly("DENY OPEN_PERM /etc/secret (deny /link)");
  }

  @Test
  default void anEmptyPlanLetsGo() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").build());
    assertThat(other().opens(secret)).isFalse();

    ApplyReport report = apply();

    assertThat(report).isEqualTo(new ApplyReport(List.of(), 0));
    assertThat(other().opens(secret)).isTrue();
  }

  @Test
  default void theSamePlanTwiceChangesNothingAndMakesNoGap() throws Exception {
    Path secret = file("/etc/secret");
    Guard guard = guard(subject("web")).deny("/etc/secret").reportDenied().build();
    ApplyReport first = apply(guard);

    other().beginToOpen(secret, 2000);
    List<ApplyReport> again = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      again.add(apply(guard));
    }

    assertThat(other().opened()).isZero();
    assertThat(again).allSatisfy(report -> assertThat(report).isEqualTo(first));
  }

  @Test
  default void whatStaysInAChangingPlanHasNoGap() throws Exception {
    Path kept = file("/data/kept");
    file("/data/other");
    Guard one = guard(subject("web")).deny("/data/kept").reportDenied().build();
    Guard two = guard(subject("more")).deny("/data/other", "/data/kept").reportDenied().build();
    apply(one);

    other().beginToOpen(kept, 2000);
    for (int i = 0; i < 50; i++) {
      apply(i % 2 == 0 ? new Guard[] {two} : new Guard[] {one});
    }

    assertThat(other().opened()).isZero();
  }

  @Test
  default void aNewPlanTakesThePlaceOfTheOld() throws Exception {
    Path one = file("/data/one");
    Path two = file("/data/two");
    apply(guard(subject("web")).deny("/data/one").build());
    apply(guard(subject("web")).deny("/data/two").build());

    assertThat(other().opens(one)).isTrue();
    assertThat(other().opens(two)).isFalse();
  }

  @Test
  default void oneTargetsPlanDoesNotTouchAnothers() throws Exception {
    Path one = file("/one/file");
    Path two = file("/two/file");
    Target first = anotherTarget(at("/one"));
    Target second = anotherTarget(at("/two"));
    backend().apply(new GuardPlan(first, List.of(guard(subject("web")).deny("/file").build())));
    backend().apply(new GuardPlan(second, List.of(guard(subject("web")).deny("/file").build())));

    backend().apply(new GuardPlan(second, List.of()));

    assertThat(other().opens(one)).isFalse();
    assertThat(other().opens(two)).isTrue();
  }

  @Test
  default void whatIsInPlaceIsWhatWasAskedFor() throws Exception {
    file("/data/one");
    file("/data/two");
    ApplyReport report =
        apply(guard(subject("web")).deny("/data/one", "/data/two", "/data").build());

    assertThat(backend().inspect().matches()).isTrue();
    assertThat(backend().inspect().found()).isEqualTo(report.kernelObjects());
  }

  @Test
  default void closingLetsEverythingPassAndLeavesNoThread() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").reportDenied().build());
    other().beginToOpen(secret, 2000);
    context().events().awaitEvent(e -> e instanceof AccessDecided, DEADLINE);

    backend().close();
    backend().close();

    // Each open was answered, by the plan or by its end.
    assertThat(other().opened()).isBetween(0, 2000);
    assertThat(other().opens(secret)).isTrue();
    context().assertThreadsEnded(DEADLINE);
  }
}
