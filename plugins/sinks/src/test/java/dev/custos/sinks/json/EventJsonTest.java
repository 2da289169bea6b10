package dev.custos.sinks.json;

import static dev.custos.sinks.json.Events.NOON;
import static dev.custos.sinks.json.Events.POD;
import static dev.custos.sinks.json.Events.WEB;
import static dev.custos.sinks.json.Events.changed;
import static dev.custos.sinks.json.Events.line;
import static dev.custos.sinks.json.Events.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.TestRenderedEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventJsonTest {
  @Test
  void aChangeInAPodReadsAsDocumented() {
    FileChanged event = changed(FilePath.of("a.txt")).build();

    assertThat(line(event, 17))
        .isEqualTo(
            "{\"@timestamp\":\"2026-06-15T12:00:00.123456789Z\","
                + "\"event\":{\"sequence\":17,\"id\":\"0f9d2c4e-6a1b-4c3d-8e5f-7a9b0c1d2e3f-17\","
                + "\"kind\":\"event\",\"category\":[\"file\"],\"type\":[\"change\"],"
                + "\"action\":\"modify\"},"
                + "\"file\":{\"path\":\"/data/a.txt\",\"name\":\"a.txt\",\"type\":\"file\"},"
                + "\"host\":{\"name\":\"node-1\"},"
                + "\"orchestrator\":{\"type\":\"kubernetes\",\"namespace\":\"default\","
                + "\"resource\":{\"type\":\"pod\",\"name\":\"web-1\"}},"
                + "\"container\":{\"name\":\"nginx\",\"id\":\"c0ffee\","
                + "\"runtime\":\"containerd\"},\"labels\":{\"app\":\"web\"},"
                + "\"ecs\":{\"version\":\"8.11.0\"},"
                + "\"custos\":{\"run\":\"0f9d2c4e-6a1b-4c3d-8e5f-7a9b0c1d2e3f\","
                + "\"subject\":{\"kind\":\"ArgusWatcher\",\"namespace\":\"default\","
                + "\"name\":\"web\",\"index\":0},\"tags\":{\"team\":\"store\"}}}\n");
  }

  @Test
  void onAHostThereIsNoOrchestratorAndNoContainer() {
    Subject subject = new Subject("ArgusWatcher", "", "watch", 2, Map.of());
    FileChanged event =
        FileChanged.builder(subject, Origin.ofNode("box"))
            .time(NOON)
            .kind(ChangeKind.DELETE_SELF)
            .path(FilePath.of("/etc"))
            .fileType(FileType.DIRECTORY)
            .build();

    Config json = parsed(event);

    assertThat(json.root().keySet())
        .containsExactlyInAnyOrder("@timestamp", "event", "file", "host", "ecs", "custos");
    assertThat(json.getString("host.name")).isEqualTo("box");
    assertThat(json.getConfig("file").root().unwrapped())
        .isEqualTo(Map.of("path", "/etc", "type", "dir"));
    assertThat(json.getConfig("custos").root().keySet()).containsOnly("run", "subject");
    assertThat(json.getInt("custos.subject.index")).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(ChangeKind.class)
  void everyChangeHasAnEcsTypeAndItsOwnAction(ChangeKind kind) {
    Config json = parsed(changed(FilePath.of("a")).kind(kind).build());

    assertThat(json.getString("event.action")).isEqualToIgnoringCase(kind.name());
    assertThat(json.getStringList("event.type"))
        .singleElement()
        .isIn("access", "change", "creation", "deletion");
  }

  @Test
  void aRenameBearsItsCookieAndALookUpSaysSo() {
    Config renamed = parsed(changed(FilePath.of("a")).cookie(-2).build());
    Config found = parsed(changed(FilePath.of("a")).synthetic(true).build());
    Config plain = parsed(changed(FilePath.of("a")).build());

    assertThat(renamed.getLong("custos.cookie")).isEqualTo(4_294_967_294L);
    assertThat(found.getBoolean("custos.synthetic")).isTrue();
    assertThat(plain.getConfig("custos").root()).doesNotContainKeys("cookie", "synthetic");
  }

  @Test
  void theRootDirectoryHasOneSlash() {
    FileChanged event = changed(FilePath.of("etc")).path(FilePath.of("/")).build();

    assertThat(parsed(event).getString("file.path")).isEqualTo("/etc");
  }

  @Test
  void dotsInLabelsAndTagsMakeNoObjects() {
    Subject subject = new Subject("ArgusWatcher", "n", "w", 0, Map.of("a.b", "1", "a_b", "2"));
    Origin origin =
        new Origin("n", "n", "p", "", Map.of("app", "web", "app.kubernetes.io/name", "nginx"));
    FileChanged event =
        FileChanged.builder(subject, origin)
            .time(NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"))
            .build();

    Config json = parsed(event);

    assertThat(json.getConfig("labels").root().unwrapped())
        .isEqualTo(Map.of("app", "web", "app_kubernetes_io/name", "nginx"));
    assertThat(json.getConfig("custos.tags").root().unwrapped())
        .isEqualTo(Map.of("a_b", "2", "a_b_", "1"));
  }

  @Test
  void aLossSaysWhatIsKnownOfIt() {
    EventsLost.Builder builder =
        EventsLost.builder(WEB, POD)
            .time(NOON)
            .reason(LossReason.KERNEL_QUEUE_OVERFLOW)
            .path(FilePath.of("/data"))
            .from(NOON.minusSeconds(5));

    Config unknown = parsed(builder.build());
    Config known = parsed(builder.count(7).detail("say \"when\"").build());

    assertThat(unknown.getString("event.action")).isEqualTo("lost");
    assertThat(unknown.getString("event.kind")).isEqualTo("pipeline_error");
    assertThat(unknown.getConfig("custos.lost").root().unwrapped())
        .isEqualTo(
            Map.of(
                "reason", "kernel-queue-overflow",
                "from", "2026-06-15T11:59:55.123456789Z",
                "to", "2026-06-15T12:00:00.123456789Z"));
    assertThat(known.getLong("custos.lost.count")).isEqualTo(7);
    assertThat(known.getString("custos.lost.detail")).isEqualTo("say \"when\"");
  }

  @Test
  void aLossWithoutAPathHasNoFile() {
    EventsLost event =
        EventsLost.builder(Subject.ofAgent(), Origin.ofNode("box"))
            .time(NOON)
            .reason(LossReason.AGENT_DOWN)
            .build();

    assertThat(parsed(event).hasPath("file")).isFalse();
  }

  @Test
  void aDecisionTellsAnswerRuleAndProcess() {
    AccessDecided.Builder builder =
        AccessDecided.builder(WEB, POD)
            .time(NOON)
            .response(AccessDecided.Response.DENY)
            .kind(PermissionKind.OPEN_PERM)
            .path(FilePath.of("/etc/shadow"))
            .rule("deny /etc/shadow");
    ProcessFacts process =
        new ProcessFacts(
            OptionalInt.of(42),
            OptionalInt.of(-1),
            FilePath.of("/bin/cat"),
            "cat",
            "c0ffee",
            false);
    ProcessFacts unknown =
        new ProcessFacts(OptionalInt.empty(), OptionalInt.of(0), FilePath.EMPTY, "", "", false);

    Config denied = parsed(builder.process(process).build());
    Config half = parsed(builder.process(unknown).build());
    Config gone = parsed(builder.process(ProcessFacts.gone(43)).build());
    Config allowed =
        parsed(builder.process(null).response(AccessDecided.Response.WOULD_DENY).build());

    assertThat(denied.getStringList("event.type")).containsExactly("access", "denied");
    assertThat(denied.getString("event.outcome")).isEqualTo("failure");
    assertThat(denied.getConfig("custos.decision").root().unwrapped())
        .isEqualTo(Map.of("response", "deny", "rule", "deny /etc/shadow"));
    assertThat(denied.getConfig("process").root().unwrapped())
        .isEqualTo(
            Map.of(
                "pid",
                42,
                "name",
                "cat",
                "executable",
                "/bin/cat",
                "real_user",
                Map.of("id", "4294967295")));
    assertThat(denied.getConfig("custos.process").root().unwrapped())
        .isEqualTo(Map.of("container", "c0ffee"));
    assertThat(gone.getConfig("custos.process").root().unwrapped()).isEqualTo(Map.of("gone", true));
    assertThat(gone.getConfig("process").root().unwrapped()).isEqualTo(Map.of("pid", 43));
    assertThat(half.hasPath("custos.process")).isFalse();
    assertThat(half.getConfig("process").root().unwrapped())
        .isEqualTo(Map.of("real_user", Map.of("id", "0")));
    assertThat(allowed.getStringList("event.type")).containsExactly("access", "allowed");
    assertThat(allowed.getString("custos.decision.response")).isEqualTo("would_deny");
    assertThat(allowed.hasPath("process")).isFalse();
  }

  @Test
  void aScanAndItsFindingsTellTheirOutcome() {
    ScanCompleted scan =
        ScanCompleted.builder(WEB, POD)
            .time(NOON)
            .outcome(ScanCompleted.Outcome.FAILED)
            .counts(1, 2, 3)
            .duration(Duration.ofMillis(1500))
            .build();
    Finding finding =
        Finding.builder(WEB, POD)
            .time(NOON)
            .rule("changed")
            .severity(Finding.Severity.ERROR)
            .path(FilePath.of("/etc/passwd"))
            .attributes(Map.of("size.old", "10", "size.new", "20\n"))
            .build();

    Config completed = parsed(scan);
    Config found = parsed(finding);

    assertThat(completed.getString("event.action")).isEqualTo("scan_failed");
    assertThat(completed.getLong("event.duration")).isEqualTo(1_500_000_000L);
    assertThat(completed.getConfig("custos.scan").root().unwrapped())
        .isEqualTo(Map.of("outcome", "failed", "added", 1, "changed", 2, "removed", 3));
    assertThat(found.getString("event.kind")).isEqualTo("alert");
    assertThat(found.getInt("event.severity")).isEqualTo(3);
    assertThat(found.getString("custos.finding.attributes.size_new")).isEqualTo("20\n");
  }

  @Test
  void eventsOfDifferentSubjectsRunsAndDirectoriesDoNotMix() {
    JsonBuffer out = new JsonBuffer(16);
    EventJson json = new EventJson(out);
    Subject other = new Subject("FimWatcher", "", "other", 1, Map.of());
    FileChanged first = changed(FilePath.of("a")).build();
    FileChanged second = changed(FilePath.of("b")).path(FilePath.of("/x\ny")).build();
    FileChanged third =
        FileChanged.builder(other, POD)
            .time(NOON.plusNanos(1))
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"))
            .file(FilePath.of("c"))
            .build();

    json.append(new TestRenderedEvent(first, "run-1", 1));
    json.append(new TestRenderedEvent(second, "run-1", 2));
    json.append(new TestRenderedEvent(third, "run-2", 1));
    json.append(new TestRenderedEvent(first, "run-2", 2));

    String[] lines = new String(out.array(), 0, out.length(), StandardCharsets.UTF_8).split("\n");
    assertThat(lines).hasSize(4);
    assertThat(lines[0]).contains("\"/data/a\"", "\"id\":\"run-1-1\"", "\"run\":\"run-1\"");
    assertThat(lines[1]).contains("\"/x\\ny/b\"", "\"id\":\"run-1-2\"", "ArgusWatcher");
    assertThat(lines[2])
        .contains("\"/data/c\"", "\"id\":\"run-2-1\"", "\"run\":\"run-2\"", "FimWatcher")
        .contains("123456790Z");
    assertThat(lines[3]).contains("\"/data/a\"", "\"run\":\"run-2\"", "ArgusWatcher", "789Z");
  }
}
