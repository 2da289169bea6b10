package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RulingTest {
  private static final FilePath PATH = FilePath.of("/x");

  @Test
  void aDenialIsForEveryoneButTheProtected() {
    Ruling ruling = ruling(rule(guard(subject("a")).build(), true));
    assertThat(ruling.denies(Asker.OTHER, 0)).isTrue();
    assertThat(ruling.denies(Asker.OWNER, 0)).isTrue();
    assertThat(ruling.denies(Asker.PROTECTED, 0)).isFalse();
  }

  @Test
  void anOwnersExemptionHoldsForItsOwnGuardOnly() {
    Rule lenient = rule(guard(subject("lenient")).autoAllowOwner().build(), true);
    Rule strict = rule(guard(subject("strict")).build(), true);

    assertThat(ruling(lenient).denies(Asker.OWNER, 0)).isFalse();
    assertThat(ruling(lenient).denies(Asker.OTHER, 0)).isTrue();
    assertThat(ruling(lenient, strict).denies(Asker.OWNER, 0)).isTrue();
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
    assertThat(ruling(rule(guard, false)).recordsAllowed(0)).isFalse();
    assertThat(told(ruling(rule(guard, false)), null, Asker.OTHER)).isEmpty();
    assertThat(told(ruling(rule(guard, true)), null, Asker.OTHER))
        .containsExactly("a DENY deny /x");
  }

  @Test
  void aRuleAboutSomeProcessesHoldsForThemAlone() {
    Narrowing cats = new Narrowing(3, List.of(), List.of(33L));
    Rule some = new Rule(guard(subject("some")).build(), true, PATH, cats);
    Rule allow = rule(guard(subject("allows")).reportDenied().build(), false);
    Ruling ruling = ruling(allow, some);

    assertThat(ruling.narrowings()).isEqualTo(0b1000);
    assertThat(ruling.denies(Asker.OTHER, 0b1000)).isTrue();
    assertThat(ruling.denies(Asker.OTHER, 0b0111)).isFalse();
    assertThat(ruling.recordsAllowed(0)).isFalse();
    assertThat(ruling(some).concerns(0)).isFalse();
    assertThat(told(Ruling.notes(ruling, null, Asker.OTHER, 0b1000)))
        .containsExactly("allows DENY deny /x", "some DENY deny /x");
    assertThat(Ruling.notes(ruling, null, Asker.OTHER, 0)).isEmpty();
  }

  @Test
  void theStrictestRuleIsFollowedByThoseForWhomItIsNotMeant() {
    Narrowing cats = new Narrowing(0, List.of(), List.of(33L));
    Rule some = new Rule(guard(subject("some")).build(), true, PATH, cats);
    Rule observe = rule(guard(subject("observes")).observe().build(), true);
    Rule allow = rule(guard(subject("allows")).build(), false);
    ObjectRules object =
        new ObjectRules(
            new ObjectId(1, 2, new byte[0]),
            List.of(allow, observe, some, allow),
            List.of(),
            Map.of());

    Strictest all = new Strictest();

    object.each(all);

    assertThat(all.rulings().get(PermissionKind.OPEN_PERM))
        .extracting(ruling -> ruling.rules().get(0))
        .containsExactly(some, observe);
  }

  private static List<String> told(Ruling first, Ruling second, Asker asker) {
    return told(Ruling.notes(first, second, asker, 0));
  }

  private static List<String> told(List<Ruling.Note> notes) {
    return notes.stream()
        .map(n -> n.subject().name() + " " + n.response() + " " + n.rule())
        .toList();
  }

  private static Ruling ruling(Rule... rules) {
    return new Ruling(List.of(rules));
  }

  private static Rule rule(Guard guard, boolean deny) {
    return new Rule(guard, deny, PATH, null);
  }
}
