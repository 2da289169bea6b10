package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifeSignTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  @Test
  void theLastSignIsThatOfTheRunBefore(@TempDir Path state) throws Exception {
    assertThat(new LifeSign(state).last()).isEmpty();
    LifeSign first = new LifeSign(state);
    first.give(NOON);
    first.give(NOON.plusSeconds(5));
    assertThat(new LifeSign(state).last()).contains(NOON.plusSeconds(5));
    assertThat(Files.getPosixFilePermissions(state.resolve(LifeSign.FILE))).hasSize(2);
  }
}
