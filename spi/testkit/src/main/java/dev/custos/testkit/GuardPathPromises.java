package dev.custos.testkit;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.PathState;
import dev.custos.spi.PathState.State;
import dev.custos.spi.guard.Guard;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;

/** What a guard backend promises about paths that lead elsewhere as time goes by. */
public interface GuardPathPromises extends GuardPromises {

  @Test
  default void aMissingFileIsPendingAndDeniedFromItsFirstOpenOn() throws Exception {
    file("/data/beside");
    ApplyReport report = apply(guard(subject("web")).deny("/data/late").build());
    assertThat(report.paths()).extracting(PathState::state).containsExactly(State.PENDING);
    assertThat(report.paths().get(0).reason()).contains("/data/late").contains("ENOENT");

    Path late = file("/data/late");

    awaitState("/data/late", State.ACTIVE);
    assertThat(other().opens(late)).isFalse();
    assertThat(other().opens(at("/data/beside"))).isTrue();
  }

  @Test
  default void aMissingDirectoryIsGuardedOnceItIsThereHoweverMuchOfItsPathWasMissing()
      throws Exception {
    apply(guard(subject("web")).deny("/a/b/c").build());

    Path file = file("/a/b/c/file");

    awaitState("/a/b/c", State.ACTIVE);
    assertThat(other().opens(file)).isFalse();
  }

  @Test
  default void aFileThatTakesADeniedOnesNameIsDeniedToo() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").build());

    for (int i = 0; i < 20; i++) {
      Files.move(file("/etc/new"), secret, StandardCopyOption.REPLACE_EXISTING);
      // At once: there is no moment in which it is open.
      assertThat(other().opens(secret)).isFalse();
    }
  }

  @Test
  default void aDeletedPathIsPendingUntilItIsMadeAgain() throws Exception {
    Path secret = file("/etc/secret");
    apply(guard(subject("web")).deny("/etc/secret").build());

    Files.delete(secret);
    awaitState("/etc/secret", State.PENDING);
    file("/etc/secret");

    awaitState("/etc/secret", State.ACTIVE);
    assertThat(other().opens(secret)).isFalse();
  }

  @Test
  default void aDirectoryThatTakesADeniedOnesPlaceIsGuardedInItsPlace() throws Exception {
    file("/data/old");
    Path file = file("/new/file");
    apply(guard(subject("web")).deny("/data").build());
    Files.move(at("/data"), at("/gone"));
    Files.move(at("/new"), at("/data"));

    eventually("it is guarded", () -> !other().opens(at("/data/file")));
    assertThat(other().opens(at("/gone/old"))).isFalse();
    assertThat(file).doesNotExist();
  }

  @Test
  default void aLinkThatIsTurnedElsewhereTakesTheGuardAlong() throws Exception {
    Path one = file("/one");
    Path two = file("/two");
    Files.createSymbolicLink(at("/link"), Path.of("one"));
    apply(guard(subject("web")).allow("/link").build());
    assertThat(other().opens(two)).isTrue();
    assertThat(context().events().eventsOf(subject("web"))).isEmpty();

    Files.createSymbolicLink(at("/next"), Path.of("two"));
    Files.move(at("/next"), at("/link"), StandardCopyOption.REPLACE_EXISTING);

    eventually(
        "the other file is guarded",
        () -> other().opens(two) && !context().events().eventsOf(subject("web")).isEmpty());
    assertThat(one).exists();
  }

  @Test
  default void aHardLinkOfADeniedFileIsDenied() throws Exception {
    Path secret = file("/data/secret");
    Path link = Files.createLink(at("/link"), secret);
    apply(guard(subject("web")).deny("/data/secret").build());
    assertThat(other().opens(link)).isFalse();
  }

  @Test
  default void aHardLinkMadeElsewhereDoesNotOpenAFileOfADeniedDirectory() throws Exception {
    Path secret = file("/data/secret");
    Path before = Files.createLink(at("/before"), secret);
    apply(guard(subject("web")).deny("/data").build());
    Path after = Files.createLink(at("/after"), secret);

    assertThat(other().opens(before)).isFalse();
    assertThat(other().opens(after)).isFalse();
  }

  @Test
  default void aDeniedDirectoryStaysDeniedUnderANewName() throws Exception {
    file("/deny/file");
    file("/allow/file");
    apply(guard(subject("web")).allow("/allow").deny("/deny").build());

    Files.move(at("/deny"), at("/harmless"));

    assertThat(other().opens(at("/harmless/file"))).isFalse();
    awaitState("/deny", State.PENDING);
    assertThat(other().opens(at("/harmless/file"))).isFalse();
    assertThat(other().opens(at("/allow/file"))).isTrue();
  }

  @Test
  default void aDeniedDirectoryThatTakesAnAllowedOnesNameStaysDenied() throws Exception {
    file("/deny/file");
    file("/allow/file");
    Guard guard = guard(subject("web")).allow("/allow").deny("/deny").build();
    apply(guard);

    Files.move(at("/allow"), at("/away"));
    Files.move(at("/deny"), at("/allow"));

    Path late = file("/allow/late");
    assertThat(other().opens(at("/allow/file"))).isFalse();
    assertThat(other().opens(late)).isFalse();
    awaitState("/deny", State.PENDING);
    assertThat(other().opens(at("/allow/file"))).isFalse();
    assertThat(other().opens(late)).isFalse();
  }

  @Test
  default void whatWasDeniedOnceIsFreeWhenThePlanHasItNoMore() throws Exception {
    file("/deny/file");
    file("/other/file");
    apply(guard(subject("web")).deny("/deny", "/other").build());
    Files.move(at("/deny"), at("/harmless"));
    awaitState("/deny", State.PENDING);

    apply(guard(subject("web")).deny("/other").build());

    assertThat(other().opens(at("/harmless/file"))).isTrue();
    assertThat(other().opens(at("/other/file"))).isFalse();
  }
}
