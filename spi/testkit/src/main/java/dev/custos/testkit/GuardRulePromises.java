package dev.custos.testkit;

import static dev.custos.testkit.GuardBackendContract.DEADLINE;
import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.AccessDecided.Response;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a guard backend promises about verdicts, and about who is told of them. */
public interface GuardRulePromises extends GuardPromises {
  @Test
  default void aDeniedFileCannotBeOpenedAndThatIsToldWithTheRule() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");

    ApplyReport report = apply(guard(web).deny("/etc/secret").build());

    assertThat(report.paths()).extracting(PathState::state).containsExactly(State.ACTIVE);
    assertThat(report.kernelObjects()).isPositive();
    assertThat(other().opens(secret)).isFalse();
    assertThat(told(web, 1)).containsExactly("DENY OPEN_PERM /etc/secret (deny /etc/secret)");
  }

  @Test
  default void anAllowedFileOpensAndThatIsTold() throws Exception {
    Subject web = subject("web");
    Path page = file("/www/page");
    apply(guard(web).allow("/www/page").build());

    assertThat(other().opens(page)).isTrue();
    assertThat(told(web, 1)).containsExactly("ALLOW OPEN_PERM /www/page (allow /www/page)");
  }

  @Test
  default void whatIsOnNeitherListIsNotAskedAbout() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");
    Path beside = file("/etc/beside");
    apply(guard(web).deny("/etc/secret").build());

    assertThat(other().opens(beside)).isTrue();
    assertThat(other().opens(secret)).isFalse();
    assertThat(told(web, 1)).hasSize(1);
  }

  @Test
  default void denyWinsOverAllowForTheSameObjectWithinAndAcrossGuards() throws Exception {
    Subject web = subject("web");
    Subject strict = subject("strict");
    Path one = file("/data/one");
    Path two = file("/data/two");
    apply(
        guard(web).allow("/data/one", "/data/two").deny("/data/one").build(),
        guard(strict).deny("/data/two").build());

    assertThat(other().opens(one)).isFalse();
    assertThat(other().opens(two)).isFalse();
    assertThat(told(web, 2))
        .containsExactly(
            "DENY OPEN_PERM /data/one (deny /data/one)",
            "DENY OPEN_PERM /data/two (deny /data/two)");
    assertThat(told(strict, 1)).containsExactly("DENY OPEN_PERM /data/two (deny /data/two)");
  }

  @Test
  default void aDirectoryCoversItselfAndItsDirectChildrenAndNoMore() throws Exception {
    Subject web = subject("web");
    Path child = file("/data/child");
    Path grandchild = file("/data/sub/grandchild");
    apply(guard(web).deny("/data").build());

    assertThat(other().opens(at("/data"))).isFalse();
    assertThat(other().opens(child)).isFalse();
    assertThat(other().opens(at("/data/sub"))).isFalse();
    assertThat(other().opens(grandchild)).isTrue();
    assertThat(told(web, 3))
        .containsExactly(
            "DENY OPEN_PERM /data (deny /data)",
            "DENY OPEN_PERM /data/child (deny /data)",
            "DENY OPEN_PERM /data/sub (deny /data)");
  }

  @Test
  default void aDenyOfADirectoryHoldsForAnAllowedFileInIt() throws Exception {
    Path file = file("/data/file");
    apply(guard(subject("web")).allow("/data/file").deny("/data").build());
    assertThat(other().opens(file)).isFalse();
  }

  @Test
  default void aDenyOfAFileHoldsInAnAllowedDirectory() throws Exception {
    Path file = file("/data/file");
    Path beside = file("/data/beside");
    apply(guard(subject("web")).allow("/data").deny("/data/file").build());
    assertThat(other().opens(file)).isFalse();
    assertThat(other().opens(beside)).isTrue();
  }

  @Test
  default void readingIsDecidedApartFromOpening() throws Exception {
    Assumptions.assumeTrue(providerUnderTest().kinds().contains(PermissionKind.ACCESS_PERM));
    Subject web = subject("web");
    Path file = file("/data/file");
    apply(guard(web).deny("/data/file").kinds(PermissionKind.ACCESS_PERM).build());

    assertThat(other().opens(file)).isTrue();
    assertThat(other().reads(file)).isFalse();
    assertThat(told(web, 1).get(0)).isEqualTo("DENY ACCESS_PERM /data/file (deny /data/file)");
  }

  @Test
  default void anObservingGuardAllowsAndTellsWhatItWouldHaveDenied() throws Exception {
    Subject web = subject("web");
    Path file = file("/data/file");
    apply(guard(web).deny("/data").observe().reportDenied().build());

    assertThat(other().opens(file)).isTrue();
    assertThat(told(web, 1)).containsExactly("WOULD_DENY OPEN_PERM /data/file (deny /data)");
  }

  @Test
  default void aGuardThatReportsDenialsTellsNothingElse() throws Exception {
    Subject web = subject("web");
    Path allowed = file("/data/allowed");
    Path denied = file("/data/denied");
    apply(guard(web).allow("/data").deny("/data/denied").reportDenied().build());

    assertThat(other().opens(allowed)).isTrue();
    assertThat(other().opens(denied)).isFalse();
    assertThat(told(web, 1)).containsExactly("DENY OPEN_PERM /data/denied (deny /data/denied)");
  }

  @Test
  default void theAgentItselfIsNeverDenied() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");
    apply(guard(web).deny("/etc/secret").build());

    assertThat(Files.readString(secret)).isEqualTo("a line\n");
    assertThat(told(web, 1)).containsExactly("ALLOW OPEN_PERM /etc/secret (protected)");
  }

  @Test
  default void theOwnerOfATargetMayBeAllowedWhatOthersAreDenied() throws Exception {
    Subject web = subject("web");
    Path secret = file("/etc/secret");
    apply(guard(web).deny("/etc/secret").autoAllowOwner().build());

    assertThat(other().opens(secret)).isTrue();
    assertThat(other().succeeds("cat '" + secret + "' >&2")).as("the owner's child").isTrue();
    try (OtherProcess stranger = OtherProcess.start()) {
      assertThat(stranger.opens(secret)).isFalse();
    }
    assertThat(told(web, 3))
        .containsExactly(
            "ALLOW OPEN_PERM /etc/secret (owner)",
            "ALLOW OPEN_PERM /etc/secret (owner)",
            "DENY OPEN_PERM /etc/secret (deny /etc/secret)");
  }

  @Test
  default void anEventSaysWhoAskedAndWhere() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").build());
    other().opens(secret);

    AccessDecided event =
        (AccessDecided)
            context().events().awaitEvent(e -> e.subject().equals(subject("web")), DEADLINE);

    assertThat(event.response()).isEqualTo(Response.DENY);
    assertThat(event.origin()).isEqualTo(target().origin());
    assertThat(event.process().orElseThrow().pid()).hasValue((int) other().pid());
  }
}
