package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The delivery guarantee, with the real launcher: files are made while agent, network and receiver
 * are killed at random. A million files with {@code -Plong}.
 */
class DeliveryIT {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final int KILLS = LONG ? 40 : 3;
  private static final Duration DEADLINE = Duration.ofMinutes(LONG ? 20 : 2);
  private static final int POLLS_PER_FILE = 50;

  @TempDir Path temp;
  private final SplittableRandom random = new SplittableRandom();
  private Path watched;
  private long made;

  @Test
  void everyNumberArrivesOverHttpOrLiesInAReportedLossWhateverIsKilled() throws Exception {
    try (FlakyReceiver receiver = new FlakyReceiver(temp.resolve("received"), random.nextLong())) {
      everyNumberArrivesOrLiesInAReportedLoss(receiver, LONG ? 1_000_000 : 12_000);
    }
  }

  @Test
  void everyNumberArrivesOverRelpInRsyslogOrLiesInAReportedLossWhateverIsKilled() throws Exception {
    try (RsyslogEndpoint rsyslog = new RsyslogEndpoint(temp.resolve("rsyslog"), random.split())) {
      everyNumberArrivesOrLiesInAReportedLoss(rsyslog, LONG ? 1_000_000 : 6_000);
    }
  }

  private void everyNumberArrivesOrLiesInAReportedLoss(FlakyEndpoint receiver, int files)
      throws Exception {
    watched = Files.createDirectory(temp.resolve("watched"));
    Path config = config(receiver);
    Outages outages = new Outages(receiver, random.split());
    outages.start();
    CustosProcess agent = start(config);
    try {
      for (int kill = 1; kill <= KILLS; kill++) {
        long part = (long) files * kill / (KILLS + 1) - random.nextInt(files / KILLS / 4);
        Killer killer = new Killer(agent, random.nextInt(20_000_000));
        makeFiles(part, killer);
        killer.join();
        agent.awaitExit();
        agent.close();
        agent = start(config);
      }
      // A kill that took its time may have seen all files made: then at least one more.
      makeFiles(Math.max(files, made + 1), null);
      outages.end();
      receiver.behave();
      awaitLastFile(receiver);
      agent.signal("TERM");
      agent.awaitExit();
      long repeats = Ledger.of(receiver.file()).repeats();

      agent = start(config);
      makeFiles(made + 1, null);
      awaitLastFile(receiver);
      agent.signal("TERM");
      agent.awaitExit();

      Ledger ledger = Ledger.of(receiver.file());
      System.out.println("delivery: " + ledger);
      assertThat(ledger.faults()).isEmpty();
      assertThat(ledger.files()).isEqualTo(made);
      assertThat(ledger.repeats()).as("repeats after a clean stop").isEqualTo(repeats);
    } finally {
      agent.close();
      outages.end();
    }
  }

  private Path config(FlakyEndpoint receiver) throws IOException {
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
            .formatted(temp.resolve("state"), receiver.settings()));
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

  /**
   * Returns once the file that was made last has arrived, and so everything before it. Should the
   * kernel's queue have run over at just that file, it makes others.
   */
  private void awaitLastFile(FlakyEndpoint receiver) {
    AtomicInteger polls = new AtomicInteger();
    await("the last file")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              boolean there = Ledger.fileOf(receiver.last()) == made - 1;
              if (!there && polls.incrementAndGet() % POLLS_PER_FILE == 0) {
                makeFiles(made + 1, null);
              }
              return there;
            });
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
    private volatile Throwable failure;

    Outages(FlakyEndpoint receiver, SplittableRandom random) {
      thread =
          new Thread(
              () -> {
                try {
                  while (!ended) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(800)));
                    receiver.die();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(400)));
                    receiver.comeBack();
                  }
                } catch (IOException | InterruptedException | RuntimeException | Error e) {
                  failure = e;
                }
              });
    }

    void start() {
      thread.start();
    }

    /** Ends with a receiver that is there. */
    void end() throws InterruptedException {
      ended = true;
      LockSupport.unpark(thread);
      thread.join();
      if (failure != null) {
        throw new AssertionError("the receiver can't be killed and started", failure);
      }
    }
  }
}
