package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose spool is on a disk without room, and whose receiver is gone. */
class FullDiskIT {
  private static final int OPENS = 400;

  @TempDir Path temp;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    disk = Files.createDirectory(temp.resolve("disk"));
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "mode=0700,size=1m", "tmpfs", disk.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    mounted = mount.waitFor() == 0;
    if (!mounted) {
      assertThat(Optional.ofNullable(System.getenv("CI")))
          .as(said)
          .isNotEqualTo(Optional.of("true"));
      Assumptions.abort("a tmpfs can't be mounted here: " + said);
    }
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      assertThat(new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor()).isZero();
    }
  }

  @Test
  void aGuardAnswersAsEverAndWhatFitsNowhereIsTold() throws Exception {
    Path files = Files.createDirectory(temp.resolve("files"));
    Path secret = Files.writeString(files.resolve("secret"), "secret\n");
    Path open = Files.writeString(files.resolve("open"), "open\n");
    Path manifest =
        Files.writeString(
            temp.resolve("guard.yaml"), GuardedProcess.manifest(List.of(secret), List.of(open)));
    try (FlakyReceiver receiver = new FlakyReceiver(temp.resolve("received"), 1)) {
      receiver.behave();
      Path config = config(receiver);
      try (GuardedProcess guard = GuardedProcess.run(Map.of(), manifest, config)) {
        guard.awaitDenied(secret);
        receiver.die();
        fill();

        assertThat(opened(secret, open)).isZero();
        guard.awaitTold("can't use its spool");
        assertThat(GuardedProcess.opens(secret)).isFalse();
        assertThat(GuardedProcess.opens(open)).isTrue();

        receiver.comeBack();
        await("the report of the loss")
            .atMost(DEADLINE)
            .until(
                () ->
                    Files.readString(receiver.file()).lines().anyMatch(FullDiskIT::tellsOfTheDisk));
      }
    }
  }

  private static boolean tellsOfTheDisk(String line) {
    return line.contains("\"reason\":\"sink-queue-full\",\"count\":")
        && line.contains("No space left on device");
  }

  private Path config(FlakyReceiver receiver) throws IOException {
    return Files.writeString(
        temp.resolve("custos.conf"),
        """
        custos {
          state.directory = "%s"
          metrics.address = off
          sinks.web {
            type = http
            url = "%s"
            queue { memory = 100, spool = 64MiB }
            retry { initial = 20ms, max = 200ms }
            dead-letter.directory = "%s"
          }
        }
        """
            .formatted(disk, receiver.url(), temp.resolve("dead")));
  }

  private void fill() throws IOException {
    try (FileChannel file =
        FileChannel.open(
            disk.resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      boolean full = false;
      while (!full) {
        try {
          file.write(ByteBuffer.allocate(4096));
        } catch (IOException e) {
          full = true;
        }
      }
    }
  }

  /** Opens both files again and again: 3 if the secret opened, 4 if the other did not. */
  private static int opened(Path secret, Path open) throws IOException, InterruptedException {
    String loop =
        "i=0; while [ $i -lt %d ]; do".formatted(OPENS)
            + " if (: < \"$0\") 2>/dev/null; then exit 3; fi;"
            + " if ! : < \"$1\"; then exit 4; fi;"
            + " i=$((i+1)); done";
    // 137 if an open got no answer.
    return new ProcessBuilder(
            "timeout", "-s", "KILL", "90", "bash", "-c", loop, secret.toString(), open.toString())
        .inheritIO()
        .start()
        .waitFor();
  }
}
