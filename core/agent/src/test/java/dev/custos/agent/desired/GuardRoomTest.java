package dev.custos.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.snapshot.NodeSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GuardRoomTest {
  private static final long MEGABYTE = 1 << 20;
  private static final Pattern WAY_OUT = Pattern.compile("set CUSTOS_HEAP to (\\d+)m or more");

  @Test
  void thousandsOfPathsFitIntoTheDefaultHeap() {
    assertThat(GuardRoom.ofHeap(31 * MEGABYTE).take(target("a", 5000))).isEmpty();
  }

  @Test
  void aRefusalSaysHowManyHowMuchAndAHeapThatIsEnough() {
    String reason = GuardRoom.ofHeap(31 * MEGABYTE).take(target("a", 30_000));
    assertThat(reason).contains("these 30000 need some 91 MB and there are 21;");
    // A serial collector's maxMemory() is less by a survivor space: a tenth of a third.
    assertThat(GuardRoom.ofHeap(wayOut(reason) * 29 / 30).take(target("a", 30_000))).isEmpty();
  }

  @Test
  void targetsShareTheRoomAndAnotherPlanTakesThePlaceOfTheLast() {
    GuardRoom room = GuardRoom.ofHeap(31 * MEGABYTE);
    assertThat(room.take(target("a", 5000))).isEmpty();
    String reason = room.take(target("b", 5000));
    GuardRoom larger = GuardRoom.ofHeap(wayOut(reason) * 29 / 30);
    assertThat(larger.take(target("a", 5000))).isEmpty();
    assertThat(larger.take(target("b", 5000))).isEmpty();
    assertThat(room.take(target("a", 6000))).isEmpty();
    assertThat(room.take(target("a", 10))).isEmpty();
    assertThat(room.take(target("b", 5000))).isEmpty();
  }

  private static long wayOut(String reason) {
    Matcher matcher = WAY_OUT.matcher(reason);
    assertThat(matcher.find()).as(reason).isTrue();
    return Long.parseLong(matcher.group(1)) * MEGABYTE;
  }

  private static NodeSnapshot.Target target(String id, int paths) {
    NodeSnapshot.GuardSubject guard =
        new NodeSnapshot.GuardSubject(
            new NodeSnapshot.Owner("JanusGuard", "default", "web", 0),
            "{path}",
            Map.of(),
            List.of(),
            IntStream.range(0, paths).mapToObj(i -> "/data/" + (100_000 + i)).toList(),
            Set.of(NodeSnapshot.Permission.OPEN_PERM),
            List.of(),
            List.of(),
            false,
            false,
            0,
            false,
            false,
            false,
            false,
            false,
            List.of(),
            List.of());
    return new NodeSnapshot.Target(id, "", "", "", "", Map.of(), List.of(), List.of(guard));
  }
}
