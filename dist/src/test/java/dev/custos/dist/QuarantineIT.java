package dev.custos.dist;

import static dev.custos.dist.GuardedProcess.opens;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a launcher can't remember, because it ends with its agent: as a container does. */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QuarantineIT {
  @TempDir Path temporary;

  @Test
  void aPlanIsQuarantinedThoughEachLauncherEndedWithItsAgent() throws Exception {
    Assumptions.assumeTrue(Boolean.getBoolean("custos.long"), "five starts of an agent take long");
    Path dir = temporary.toRealPath();
    Path denied = Files.writeString(dir.resolve("denied"), "secret\n");
    Path conf =
        Files.writeString(
            dir.resolve("custos.conf"),
            """
            custos {
              guard.deadline = 20s
              metrics.address = off
              state.directory = "%s/state"
            }
            """
                .formatted(dir));
    Path manifest = manifest(dir, List.of(denied), List.of());
    for (int i = 0; i < 3; i++) {
      try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, conf)) {
        guarded.awaitDenied(denied);
        endAll(guarded);
        assertThat(opens(denied)).isTrue();
      }
    }
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), manifest, conf)) {
      assertThat(guarded.custos().awaitExit()).isEqualTo(2);
      assertThat(guarded.custos().err())
          .anyMatch(line -> line.contains("quarantined") && line.contains(dir + "/state/guards"));
      assertThat(opens(denied)).isTrue();
    }
    Path other = manifest(dir, List.of(denied), List.of(conf));
    try (GuardedProcess guarded = GuardedProcess.run(Map.of(), other, conf)) {
      guarded.awaitDenied(denied);
      guarded.custos().signal("TERM");
      assertThat(guarded.custos().awaitExit()).isEqualTo(143);
    }
  }

  private static Path manifest(Path dir, List<Path> deny, List<Path> allow) throws IOException {
    return Files.writeString(dir.resolve("guard.yaml"), GuardedProcess.manifest(deny, allow));
  }

  /** The agent is stopped first: it would end in order if it saw that its launcher is gone. */
  private static void endAll(GuardedProcess guarded) {
    new HeldProcess(guarded.agent(-1)).stop();
    guarded.custos().killAll();
  }
}
