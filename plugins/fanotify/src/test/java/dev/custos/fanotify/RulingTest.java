package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.guard.Guard;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulingTest {
  private static final FilePath PATH = FilePath.of("/x");

  @Test
  void aDenialIsForEveryoneButTheProtected() {
    Ruling ruling = ruling(rule(guard(subject("a")).build(), true));
    assertThat(ruling.denies(Asker.OTHER)).isTrue();
    assertThat(ruling.denies(Asker.OWNER)).isTrue();
    assertThat(ruling.denies(Asker.PROTECTED)).isFalse();
  }

  @Test
  void anOwnersExemptionHoldsForItsOwnGuardOnly() {
    Rule lenient = rule(guard(subject("lenient")).autoAllowOwner().build(), true);
    Rule strict = rule(guard(subject("strict")).build(), true);

    assertThat(ruling(lenient).denies(Asker.OWNER)).isFalse();
    assertThat(ruling(lenient).denies(Asker.OTHER)).isTrue();
    assertThat(ruling(lenient, strict).denies(Asker.OWNER)).isTrue();
  }

  @Test
  void everySubjectIsToldOnceAndOfWhatDecided() {
    Rule allow = rule(guard(subject("allows")).build(), false);
    Rule deny = rule(guard(subject("denies")).build(), true);
    Rule observe = rule(guard(subject("observes")).observe().build(), true);

    assertThat(told(ruling(allow, observe), ruling(deny, observe), Asker.OTHER))
        .containsExactly("allows DENY deny /x", "observes DENY deny /x", "denies DENY deny /x");
  }

  @Test
  void anObserverIsToldWhatItWouldHaveDeniedThoughAnotherAllows() {
    Rule allow = rule(guard(subject("allows")).build(), false);
    Rule observe = rule(guard(subject("observes")).observe().build(), true);

    assertThat(told(ruling(allow), ruling(observe), Asker.OTHER))
        .containsExactly("allows ALLOW allow /x", "observes WOULD_DENY deny /x");
  }

  @Test
  void theProtectedAreToldAsSuchOnlyWhereTheyWouldHaveBeenDenied() {
    Rule allow = rule(guard(subject("allows")).build(), false);
    Rule deny = rule(guard(subject("denies")).build(), true);
    assertThat(told(ruling(allow, deny), null, Asker.PROTECTED))
        .containsExactly("allows ALLOW allow /x", "denies ALLOW protected");
  }

  @Test
  void whoWantsDenialsOnlyIsToldOfNoAllowance() {
    Guard guard = guard(subject("a")).reportDenied().build();
    assertThat(ruling(rule(guard, false)).recordsAllowed()).isFalse();
    assertThat(told(ruling(rule(guard, false)), null, Asker.OTHER)).isEmpty();
    assertThat(told(ruling(rule(guard, true)), null, Asker.OTHER))
        .containsExactly("a DENY deny /x");
  }

  private static List<String> told(Ruling first, Ruling second, Asker asker) {
    return Ruling.notes(first, second, asker).stream()
        .map(n -> n.subject().name() + " " + n.response() + " " + n.rule())
        .toList();
  }

  private static Ruling ruling(Rule... rules) {
    return new Ruling(List.of(rules));
  }

  private static Rule rule(Guard guard, boolean deny) {
    return new Rule(guard, deny, PATH);
  }
}
