package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.agent.desired.TargetStatus;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Applied;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.spi.PathState;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PathRowsTest {
  private static final Subject SUBJECT = new Subject("ArgusWatcher", "shop", "web", 0, Map.of());

  private static TargetStatus failed(int paths, String reason) {
    return new TargetStatus(
        "containerd://x",
        IntStream.range(0, paths)
            .mapToObj(i -> PathState.failed(SUBJECT, FilePath.of("/data/" + i), reason))
            .toList(),
        0);
  }

  private static List<PathReport> paths(List<SubjectReport> reports) {
    return reports.stream().flatMap(r -> r.getPathsList().stream()).toList();
  }

  private static int size(List<SubjectReport> reports) {
    return AgentMessage.newBuilder()
        .setApplied(Applied.newBuilder().setVersion("v").addAllSubjects(reports))
        .build()
        .getSerializedSize();
  }

  @Test
  void reasonsAreShortenedUntilAReportIsOneThatTheControllerTakes() {
    // Of the longest characters: 50,000 times 1.5 KB.
    PathRows rows = new PathRows(List.of(failed(50_000, "\u20ac".repeat(600))));
    List<SubjectReport> all = rows.all();
    assertThat(size(all)).isBetween(8 << 20, SnapshotCodec.MAX_REPORT_BYTES);
    assertThat(paths(all))
        .hasSize(50_000)
        .allSatisfy(path -> assertThat(path.getReason()).isNotEmpty());
    rows.update(List.of(failed(50_000, "\u20ad".repeat(600))));
    List<SubjectReport> changes = rows.changes();
    assertThat(size(changes)).isBetween(8 << 20, SnapshotCodec.MAX_REPORT_BYTES);
    assertThat(paths(changes)).hasSize(50_000);
  }

  @Test
  void aReasonOfOrdinaryLengthIsToldWhole() {
    List<SubjectReport> all = new PathRows(List.of(failed(1000, "r".repeat(512)))).all();
    assertThat(paths(all))
        .allSatisfy(path -> assertThat(path.getReason()).isEqualTo("r".repeat(512)));
  }

  @Test
  void aCharacterIsNeverCutInHalf() {
    assertThat(PathRows.bounded("r".repeat(511) + "\ud83d\ude00")).isEqualTo("r".repeat(511));
  }
}
