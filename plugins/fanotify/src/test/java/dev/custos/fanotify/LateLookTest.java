package dev.custos.fanotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.ProcessFacts;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LateLookTest {
  @TempDir Path directory;

  private final Targets targets = new Targets();
  private LateLook look;
  private Process process;

  @BeforeEach
  void start() throws Exception {
    look = new LateLook(targets.at(directory, OptionalLong.empty()), IdMap.SAME);
    process = new ProcessBuilder("cat").start();
  }

  @AfterEach
  void stop() throws Exception {
    process.destroyForcibly().waitFor();
    targets.close();
  }

  @Test
  void allOfABurstTellTheSameAboutAProcess() {
    Decision first = decision();
    Decision second = decision();
    look.startBurst();
    look.complete(first);
    look.complete(second);

    ProcessFacts facts = first.process.facts();
    assertThat(facts.pid()).hasValue((int) process.pid());
    assertThat(facts.gone()).isFalse();
    assertThat(second.process.facts()).isEqualTo(facts);
  }

  @Test
  void aProcessThatEndsWithinABurstIsGoneForTheRestOfIt() throws Exception {
    Decision first = decision();
    Decision second = decision();
    look.startBurst();
    look.complete(first);
    process.destroyForcibly().waitFor();
    look.complete(second);

    assertThat(first.process.facts().gone()).isFalse();
    assertThat(second.process.facts()).isEqualTo(ProcessFacts.gone((int) process.pid()));
  }

  private Decision decision() {
    Decision decision = new Decision();
    decision.pid = (int) process.pid();
    decision.pidFd = new PidFds().open(decision.pid);
    decision.process.only(decision.pid);
    return decision;
  }
}
