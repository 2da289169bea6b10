package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The delivery guarantee, with the real launcher: files are made while agent, network and receiver
 * are killed at random. A million files with {@code -Plong}.
 */
class DeliveryIT {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final int FILES = LONG ? 1_000_000 : 12_000;
  private static final int KILLS = LONG ? 40 : 3;
  private static final Duration DEADLINE = Duration.ofMinutes(LONG ? 20 : 2);

  @TempDir Path temp;
  private Path watched;
  private long made;

  @Test
  void everyNumberArrivesInOrderOrLiesInAReportedLossWhateverIsKilled() throws Exception {
    watched = Files.createDirectory(temp.resolve("watched"));
    SplittableRandom random = new SplittableRandom();
    try (FlakyReceiver receiver = new FlakyReceiver(temp.resolve("received"), random.nextLong())) {
      Path config = config(receiver);
      Outages outages = new Outages(receiver, random.split());
      outages.start();
      CustosProcess agent = start(config);
      try {
        for (int kill = 1; kill <= KILLS; kill++) {
          long part = (long) FILES * kill / (KILLS + 1) - random.nextInt(FILES / KILLS / 4);
          Killer killer = new Killer(agent, random.nextInt(20_000_000));
          makeFiles(part, killer);
          killer.join();
          agent.awaitExit();
          agent.close();
          agent = start(config);
        }
        makeFiles(FILES, null);
        outages.end();
        receiver.behave();
        awaitFile(receiver, FILES - 1);
        agent.signal("TERM");
        agent.awaitExit();
        long repeats = ledger(receiver).repeats();

        agent = start(config);
        makeFiles(FILES + 1, null);
        awaitFile(receiver, FILES);
        agent.signal("TERM");
        agent.awaitExit();

        Ledger ledger = ledger(receiver);
        System.out.println("delivery: " + ledger);
        assertThat(ledger.faults()).isEmpty();
        assertThat(ledger.files()).isEqualTo(FILES + 1);
        assertThat(ledger.repeats()).as("repeats after a clean stop").isEqualTo(repeats);
      } finally {
        agent.close();
        outages.end();
      }
    }
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
            queue.spool = 256MiB
            retry { initial = 20ms, max = 200ms }
            dead-letter.directory = "%s"
          }
        }
        """
            .formatted(temp.resolve("state"), receiver.url(), temp.resolve("dead")));
  }

  private CustosProcess start(Path config) throws IOException {
    return CustosProcess.custos(
            "watch", "--events", "create", "-c", config.toString(), watched.toString())
        .awaitReady();
  }

  /** Makes files up to a number, in bursts; once it is near, lets the killer loose on the agent. */
  private void makeFiles(long end, Killer killer) throws IOException {
    while (made < end || (killer != null && !killer.isDone())) {
      for (int i = 0; i < 200; i++) {
        Path file = watched.resolve("n" + made);
        made++;
        Files.createFile(file);
        Files.delete(file);
        if (killer == null && made == end) {
          return;
        }
      }
      if (killer != null && made >= end) {
        killer.letLoose();
      }
      // Slower than the kernel's queue runs over, which is another test's matter.
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(8));
    }
  }

  private static void awaitFile(FlakyReceiver receiver, long number) {
    await("file " + number)
        .atMost(DEADLINE)
        .until(() -> receiver.last().contains("\"name\":\"n" + number + "\""));
  }

  private static Ledger ledger(FlakyReceiver receiver) throws IOException {
    Ledger ledger = new Ledger();
    try (var lines = Files.lines(receiver.file())) {
      lines.forEach(ledger::add);
    }
    return ledger;
  }

  /** Kills an agent, at some moment of its work. */
  private static final class Killer {
    private final Thread thread;
    private volatile boolean done;

    Killer(CustosProcess agent, long afterNanos) {
      thread =
          new Thread(
              () -> {
                LockSupport.parkNanos(afterNanos);
                try {
                  agent.signal("KILL");
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                } finally {
                  done = true;
                }
              });
    }

    void letLoose() {
      if (thread.getState() == Thread.State.NEW) {
        thread.start();
      }
    }

    boolean isDone() {
      return done;
    }

    void join() throws InterruptedException {
      thread.join();
    }
  }

  /** Takes the receiver from the network now and then. */
  private static final class Outages {
    private final Thread thread;
    private volatile boolean ended;

    Outages(FlakyReceiver receiver, SplittableRandom random) {
      thread =
          new Thread(
              () -> {
                while (!ended) {
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(800)));
                  receiver.die();
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(400)));
                  receiver.comeBack();
                }
              });
    }

    void start() {
      thread.start();
    }

    void end() throws InterruptedException {
      ended = true;
      LockSupport.unpark(thread);
      thread.join();
    }
  }
}
