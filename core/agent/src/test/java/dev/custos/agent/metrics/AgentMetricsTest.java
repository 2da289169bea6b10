package dev.custos.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.EventPublisher;
import dev.custos.spi.PathState;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
  private static final Origin ORIGIN = Origin.ofNode("node-1");

  private final List<IntegrityEvent> passed = new ArrayList<>();
  private final EventPublisher pipeline =
      new EventPublisher() {
        @Override
        public void publish(IntegrityEvent event) {
          passed.add(event);
        }

        @Override
        public void publishAll(List<? extends IntegrityEvent> events) {
          passed.addAll(events);
        }
      };

  private static IntegrityEvent change(ChangeKind kind) {
    return FileChanged.builder(Subject.ofAgent(), ORIGIN)
        .time(Instant.EPOCH)
        .kind(kind)
        .path(FilePath.of("/a"))
        .build();
  }

  private static IntegrityEvent lost(Long count) {
    EventsLost.Builder builder =
        EventsLost.builder(Subject.ofAgent(), ORIGIN)
            .time(Instant.EPOCH)
            .reason(LossReason.KERNEL_QUEUE_OVERFLOW);
    return (count == null ? builder : builder.count(count)).build();
  }

  private static String text(AgentMetrics metrics) {
    PrometheusText.Page page = new PrometheusText(metrics).page(null);
    assertThat(page.contentType()).startsWith("text/plain");
    return page.body();
  }

  @Test
  void eventsAreCountedByBackendAndKindAndGoOnAsTheyAre() {
    AgentMetrics metrics = new AgentMetrics(() -> States.of(true));
    EventPublisher counted = metrics.counted("inotify", pipeline);
    List<IntegrityEvent> events =
        List.of(
            change(ChangeKind.MODIFY),
            change(ChangeKind.MODIFY),
            change(ChangeKind.CLOSE_WRITE),
            lost(null),
            lost(5L));
    counted.publishAll(events);
    counted.publish(change(ChangeKind.MODIFY));
    assertThat(passed).hasSize(6).containsSequence(events);
    assertThat(text(metrics))
        .contains("custos_events_total{backend=\"inotify\",event=\"modify\"} 3.0\n")
        .contains("custos_events_total{backend=\"inotify\",event=\"close_write\"} 1.0\n")
        .contains("custos_losses_total{backend=\"inotify\",reason=\"kernel-queue-overflow\"} 2.0\n")
        .contains(
            "custos_events_lost_total{backend=\"inotify\",reason=\"kernel-queue-overflow\"} 5.0\n");
  }

  @Test
  void anEmptyBatchIsNoEvent() {
    AgentMetrics metrics = new AgentMetrics(() -> States.of(true));
    metrics.counted("inotify", pipeline).publishAll(List.of());
    assertThat(text(metrics)).doesNotContain("custos_events_total{");
  }

  @Test
  void decisionsAreCountedByTheirAnswer() {
    AgentMetrics metrics = new AgentMetrics(() -> States.of(true));
    EventPublisher counted = metrics.counted("fanotify", pipeline);
    for (AccessDecided.Response response : AccessDecided.Response.values()) {
      counted.publish(
          AccessDecided.builder(Subject.ofAgent(), ORIGIN)
              .time(Instant.EPOCH)
              .response(response)
              .kind(PermissionKind.OPEN_PERM)
              .path(FilePath.of("/a"))
              .rule("deny /a")
              .build());
    }
    assertThat(text(metrics))
        .contains("custos_guard_decisions_total{backend=\"fanotify\",response=\"deny\"} 1.0\n")
        .contains(
            "custos_guard_decisions_total{backend=\"fanotify\",response=\"would_deny\"} 1.0\n")
        .contains("custos_events_total{backend=\"fanotify\",event=\"open_perm\"} 3.0\n");
  }

  @Test
  void coverageAndKernelObjectsAreShownAsTheyAreNow() {
    AgentMetrics metrics =
        new AgentMetrics(
            () ->
                States.of(
                    true,
                    States.watching(
                        PathState.State.ACTIVE, PathState.State.ACTIVE, PathState.State.FAILED)));
    assertThat(text(metrics))
        .contains("custos_paths{backend=\"inotify\",state=\"active\"} 2.0\n")
        .contains("custos_paths{backend=\"inotify\",state=\"pending\"} 0.0\n")
        .contains("custos_paths{backend=\"inotify\",state=\"failed\"} 1.0\n")
        .contains("custos_kernel_objects{backend=\"inotify\"} 12.0\n")
        .contains("custos_backend_restarts_total{backend=\"inotify\"} 2.0\n")
        .contains("custos_ready 1.0\n")
        .contains("custos_build_info{java=\"" + Runtime.version() + "\",version=\"1.2.3\"} 1\n");
  }

  @Test
  void theProcessItselfIsMeasured() {
    String text = text(new AgentMetrics(() -> States.of(true)));
    for (String name :
        List.of(
            "process_resident_memory_bytes",
            "process_cpu_seconds_total",
            "process_open_fds",
            "custos_start_time_seconds")) {
      Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(text);
      assertThat(line.find()).as(name).isTrue();
      assertThat(Double.parseDouble(line.group(1))).as(name).isPositive();
    }
  }

  @Test
  void openMetricsIsSpokenToThoseWhoAskForIt() {
    PrometheusText.Page page =
        new PrometheusText(new AgentMetrics(() -> States.of(true)))
            .page("application/openmetrics-text;version=1.0.0");
    assertThat(page.contentType()).startsWith("application/openmetrics-text");
    assertThat(page.body()).endsWith("# EOF\n");
  }

  @Test
  void noHelpTextTellsOfClasses() {
    for (Figure figure : Figure.values()) {
      assertThat(figure.help()).as(figure.name()).endsWith(".").doesNotContain("dev.custos", "$");
      assertThat(figure.shownName()).matches("(custos|process)_[a-z_]+");
    }
  }

  /** The page has a row for each: name, labels, meaning. */
  @Test
  void thePageOfMetricsListsThoseThatAreThereAndNoOther() throws IOException {
    Map<String, String> documented = new LinkedHashMap<>();
    Pattern row = Pattern.compile("\\| `([a-z_]+)` \\|([^|]*)\\| .+ \\|");
    for (String line : Files.readAllLines(Path.of("../../docs/metrics.md"))) {
      Matcher matcher = row.matcher(line);
      if (matcher.matches()) {
        documented.put(matcher.group(1), matcher.group(2).replace("`", "").trim());
      }
    }
    Map<String, String> there = new LinkedHashMap<>();
    for (Figure figure : Figure.values()) {
      there.put(figure.shownName(), String.join(", ", figure.labels()));
    }
    assertThat(documented).containsExactlyInAnyOrderEntriesOf(there);
  }
}
