package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * What {@code kill -9} takes from an agent whose sink has a spool. It is stopped first, so that
 * what it had read by its last instruction is known to the event.
 */
class KilledAgentIT {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final int KILLS = LONG ? 200 : 2;
  private static final int HELD_BACK = LONG ? 12_000 : 6_000;
  private static final int READ_BUFFER = 64 * 1024;

  /** inotify(7): 16 bytes, and the name of our files in 16 more. */
  private static final int EVENT = 32;

  @TempDir Path temp;

  @TempDir(factory = InMemory.class)
  Path state;

  private final SplittableRandom random = new SplittableRandom();
  private Path watched;
  private long made;

  /** Where no fsync(2) stalls a write: what holds while a disk stalls is another promise. */
  static final class InMemory implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      return Files.createTempDirectory(Path.of("/dev/shm"), "custos");
    }
  }

  /** How many files were made by then, and how many of their events nobody had read. */
  private record Kill(long made, long unread) {}

  @Test
  void noMoreThanOneReadIsMissingAndThatIsReported() throws Exception {
    watched = Files.createDirectory(temp.resolve("watched"));
    List<Kill> kills = new ArrayList<>();
    try (FlakyReceiver receiver = new FlakyReceiver(temp.resolve("received"), 0)) {
      receiver.behave();
      Path config = config(receiver);
      for (int i = 0; i < KILLS; i++) {
        try (CustosProcess agent = start(config)) {
          // Its arrival tells apart what this kill takes and what the one before took.
          makeFiles(1);
          awaitLastFile(receiver);
          makeFiles(random.nextInt(1500));
          kills.add(kill(agent, i % 2 == 0));
        }
      }
      try (CustosProcess agent = start(config)) {
        makeFiles(1);
        awaitLastFile(receiver);
        agent.signal("TERM");
        agent.awaitExit();
      }
      check(kills, Ledger.of(receiver.file()));
    }
  }

  private static void check(List<Kill> kills, Ledger ledger) {
    List<Long> missing = new ArrayList<>();
    for (Kill kill : kills) {
      missing.add(ledger.missingBefore(kill.made()) - kill.unread());
    }
    System.out.println("read and missing after each kill: " + missing);
    assertThat(ledger.faults()).isEmpty();
    assertThat(missing).allSatisfy(n -> assertThat(n).isBetween(0L, (long) READ_BUFFER / EVENT));
  }

  /**
   * Kills it in the middle of its work.
   *
   * @param behind whether it has much to catch up with, so that it reads as fast as it can
   */
  private Kill kill(CustosProcess agent, boolean behind) throws Exception {
    HeldProcess process = new HeldProcess(agent.pid());
    if (behind) {
      process.stop();
      makeFiles(HELD_BACK);
      process.goOn();
      LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(40)));
    }
    process.stop();
    // The directories above the watched one are watched, too.
    long unread = process.takeUnreadNames().stream().filter(n -> n.matches("n\\d+")).count();
    process.kill();
    agent.awaitExit();
    return new Kill(made, unread);
  }

  private void awaitLastFile(FlakyReceiver receiver) {
    await("the last file")
        .atMost(Duration.ofMinutes(2))
        .until(() -> Ledger.fileOf(receiver.last()) == made - 1);
  }

  private void makeFiles(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Files.createFile(watched.resolve("n" + made));
      made++;
    }
  }

  private Path config(FlakyReceiver receiver) throws IOException {
    return Files.writeString(
        temp.resolve("custos.conf"),
        """
        custos {
          state.directory = "%s"
          metrics.address = off
          sinks.receiver {
            %s
            queue.spool = 256MiB
            retry { initial = 20ms, max = 200ms }
          }
        }
        """
            .formatted(state, receiver.settings()));
  }

  private CustosProcess start(Path config) throws IOException {
    return CustosProcess.custos(
            "watch", "--events", "create", "-c", config.toString(), watched.toString())
        .awaitReady();
  }
}
