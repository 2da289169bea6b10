package dev.custos.spi.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsTest {
  private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");
  private static final Subject WEB = new Subject("ArgusWatcher", "", "web", 0, Map.of());
  private static final Origin BOX = Origin.ofNode("box");

  @Test
  void aBuilderThatIsUsedAgainLeavesWhatItBuiltAlone() {
    FileChanged.Builder builder =
        FileChanged.builder(WEB, BOX)
            .time(NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/data"))
            .file(FilePath.of("a"));
    FileChanged first = builder.build();
    FileChanged second = builder.file(FilePath.of("b")).kind(ChangeKind.DELETE).build();

    assertThat(first.file()).isEqualTo(FilePath.of("a"));
    assertThat(first.eventName()).isEqualTo("CREATE");
    assertThat(second.path()).isEqualTo(FilePath.of("/data"));
    assertThat(second.eventName()).isEqualTo("DELETE");
  }

  @Test
  void whatIsRequiredIsAskedForByName() {
    FileChanged.Builder builder = FileChanged.builder(WEB, BOX).time(NOON);

    assertThatThrownBy(builder::build)
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("kind");
    assertThatThrownBy(() -> FileChanged.builder(WEB, BOX).kind(ChangeKind.OPEN).build())
        .hasMessageContaining("time");
  }

  @Test
  void aLossOfWhichNothingIsKnownLastsNoTime() {
    EventsLost lost = EventsLost.builder(WEB, BOX).time(NOON).reason(LossReason.AGENT_DOWN).build();

    assertThat(lost.eventName()).isEqualTo("LOST");
    assertThat(lost.count()).isEmpty();
    assertThat(lost.from()).isEqualTo(NOON);
    assertThat(lost.to()).isEqualTo(NOON);
    assertThat(lost.path().isEmpty()).isTrue();
  }
}
