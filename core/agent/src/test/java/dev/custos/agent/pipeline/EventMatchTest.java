package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.custos.agent.pipeline.EventMatch.Kind;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventMatchTest {
  private static final Origin ORIGIN = Origin.ofNode("n");
  private static final Subject PROD =
      new Subject("ArgusWatcher", "", "web", 0, Map.of("tier", "prod", "team", "shop"));
  private static final Subject TEST =
      new Subject("ArgusWatcher", "", "web", 1, Map.of("tier", "test"));

  private static IntegrityEvent change(Subject subject, ChangeKind kind) {
    return FileChanged.builder(subject, ORIGIN)
        .time(Instant.EPOCH)
        .kind(kind)
        .path(FilePath.of("/a"))
        .build();
  }

  private static IntegrityEvent decision(AccessDecided.Response response, PermissionKind kind) {
    return AccessDecided.builder(PROD, ORIGIN)
        .time(Instant.EPOCH)
        .response(response)
        .kind(kind)
        .path(FilePath.of("/a"))
        .build();
  }

  private static final IntegrityEvent MODIFY = change(PROD, ChangeKind.MODIFY);
  private static final IntegrityEvent OPEN = change(PROD, ChangeKind.OPEN);
  private static final IntegrityEvent DENY =
      decision(AccessDecided.Response.DENY, PermissionKind.OPEN_PERM);
  private static final IntegrityEvent ALLOW =
      decision(AccessDecided.Response.ALLOW, PermissionKind.OPEN_EXEC_PERM);
  private static final IntegrityEvent FINDING =
      Finding.builder(PROD, ORIGIN).time(Instant.EPOCH).rule("changed").build();
  private static final IntegrityEvent SCAN =
      ScanCompleted.builder(PROD, ORIGIN)
          .time(Instant.EPOCH)
          .outcome(ScanCompleted.Outcome.FAILED)
          .build();
  private static final IntegrityEvent LOST =
      EventsLost.builder(Subject.ofAgent(), ORIGIN)
          .time(Instant.EPOCH)
          .reason(LossReason.AGENT_DOWN)
          .build();
  private static final List<IntegrityEvent> ALL =
      List.of(MODIFY, OPEN, DENY, ALLOW, FINDING, SCAN, LOST);

  private static List<IntegrityEvent> passing(EventMatch match) {
    EventMatch.Filter filter = match.filter();
    return ALL.stream().filter(filter::passes).toList();
  }

  private static EventMatch kinds(Kind... kinds) {
    return new EventMatch(Set.of(kinds), Map.of(), Map.of(), Set.of());
  }

  private static EventMatch events(String... events) {
    return new EventMatch(Set.of(), Map.of(), Map.of(), Set.of(events));
  }

  @Test
  void kindsNarrowTheChoiceAndALossAlwaysPasses() {
    assertThat(passing(EventMatch.ALL)).isEqualTo(ALL);
    assertThat(passing(kinds(Kind.WATCH))).containsExactly(MODIFY, OPEN, LOST);
    assertThat(passing(kinds(Kind.GUARD))).containsExactly(DENY, ALLOW, LOST);
    assertThat(passing(kinds(Kind.SCAN, Kind.WATCH)))
        .containsExactly(MODIFY, OPEN, FINDING, SCAN, LOST);
    assertThat(passing(kinds(Kind.LOST))).containsExactly(LOST);
  }

  @Test
  void eventsAreAWatchersWordsAGuardsWordsAndItsAnswers() {
    assertThat(passing(events("modify"))).containsExactly(MODIFY, LOST);
    assertThat(passing(events("open"))).containsExactly(OPEN, DENY, LOST);
    assertThat(passing(events("execute"))).containsExactly(ALLOW, LOST);
    assertThat(passing(events("deny", "finding"))).containsExactly(DENY, FINDING, LOST);
    assertThat(passing(events("failed"))).containsExactly(SCAN, LOST);
    assertThat(passing(events("all"))).isEqualTo(ALL);
    assertThat(passing(events("lost"))).containsExactly(LOST);
  }

  @Test
  void allPartsHaveToFit() {
    EventMatch match =
        new EventMatch(
            Set.of(Kind.WATCH), Map.of("tier", "prod"), Map.of(), Set.of("modify", "deny"));
    assertThat(passing(match)).containsExactly(MODIFY, LOST);
  }

  @Test
  void everyTagHasToBeThereWithItsValue() {
    EventMatch prod =
        new EventMatch(Set.of(), Map.of("tier", "prod", "team", "shop"), Map.of(), Set.of());
    assertThat(prod.filter().passes(MODIFY)).isTrue();
    assertThat(prod.filter().passes(change(TEST, ChangeKind.MODIFY))).isFalse();
    assertThat(prod.filter().passes(LOST)).isTrue();
  }

  @Test
  void everyLabelOfThePodHasToBeThereWithItsValue() {
    EventMatch web = new EventMatch(Set.of(), Map.of(), Map.of("app", "web"), Set.of());
    Map<String, String> labels = Map.of("app", "web", "app.kubernetes.io/name", "x");
    Origin pod = new Origin("node", "shop", "web-0", "main", "containerd://c0ffee", labels);
    FileChanged there =
        FileChanged.builder(PROD, pod)
            .time(Instant.EPOCH)
            .kind(ChangeKind.MODIFY)
            .path(FilePath.of("/a"))
            .build();
    assertThat(web.isAll()).isFalse();
    assertThat(web.filter().passes(there)).isTrue();
    assertThat(web.filter().passes(MODIFY)).isFalse();
    assertThat(web.filter().passes(LOST)).isTrue();
  }

  @Test
  void aWordThatIsNoneIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> events("modfy"))
        .withMessageContaining("modfy");
  }

  @Test
  void aSinkGetsAndCountsWhatItsMatchLetsPassAlone() throws Exception {
    FakeSink all = new FakeSink();
    FakeSink some = new FakeSink();
    EventPipeline pipeline =
        new EventPipeline(ORIGIN, new OwnerFormats(), new RecordingListener(), Clock.systemUTC());
    pipeline.reconfigure(
        List.of(
            new SinkSpec("all", 1, () -> all, SinkPolicy.DEFAULT, EventMatch.ALL),
            new SinkSpec("some", 2, () -> some, SinkPolicy.DEFAULT, kinds(Kind.GUARD))));
    pipeline.publishAll(ALL);
    await().atMost(Duration.ofSeconds(30)).until(() -> all.written.size() == ALL.size());
    await().atMost(Duration.ofSeconds(30)).until(() -> some.written.size() == 3);
    assertThat(some.sequences()).containsExactly(3L, 4L, 7L);
    assertThat(pipeline.sinks()).extracting(SinkStatus::offered).containsExactly(7L, 3L);
    pipeline.close();
  }
}
