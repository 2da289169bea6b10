package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real rsyslogd that is stopped, killed and started again while events are written to it. */
@Timeout(240)
class RestartTest {
  private static final int COUNT = 2000;
  private static final int BATCH = 20;
  private static final int AHEAD = 100;
  @TempDir Path folder;

  @Test
  void relpLosesNothingWhenTheServerIsKilled() throws Exception {
    try (Rsyslog server = Rsyslog.relp(folder);
        Sink sink = Sinks.open("relp", server.port, "relp-window = 8")) {
      survives(server, sink, Rsyslog::kill);
    }
  }

  @Test
  void relpLosesNothingWhenTheServerIsStopped() throws Exception {
    try (Rsyslog server = Rsyslog.relp(folder);
        Sink sink = Sinks.open("relp", server.port, "")) {
      survives(server, sink, Rsyslog::stop);
    }
  }

  /** All of it fits into the window, so what lay in the dead server's buffers comes again. */
  @Test
  void tcpLosesNothingThatTheWindowHoldsWhenTheServerIsKilled() throws Exception {
    try (Rsyslog server = Rsyslog.tcp(folder);
        Sink sink = Sinks.open("tcp", server.port, "resend-age = 10m")) {
      survives(server, sink, Rsyslog::kill);
    }
  }

  private interface End {
    void of(Rsyslog server);
  }

  private static void survives(Rsyslog server, Sink sink, End end) throws Exception {
    AtomicInteger written = new AtomicInteger();
    // The writer gets ahead of each end by this much and no more: TCP takes thousands at once, and
    // what is on its way when a server dies comes again with the next write, so there must be one.
    AtomicInteger limit = new AtomicInteger(COUNT / 4 + AHEAD);
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(() -> writeAll(sink, Sinks.events(1, COUNT), written, limit));
    for (int quarter = 1; quarter <= 3; quarter++) {
      int until = COUNT * quarter / 4;
      ServerProcess.await(until + " written", () -> written.get() >= until);
      end.of(server);
      server.start();
      limit.set(Math.min(COUNT, until + COUNT / 4 + AHEAD));
    }
    writer.get(120, TimeUnit.SECONDS);

    ServerProcess.await("every event", () -> numbers(server).containsAll(range()));
    // In order, but for what comes once more.
    assertThat(List.copyOf(new LinkedHashSet<>(numbers(server)))).isEqualTo(range());
  }

  /** Offers again what was not taken, as the host does. */
  private static void writeAll(
      Sink sink, List<RenderedEvent> events, AtomicInteger written, AtomicInteger limit) {
    int done = 0;
    while (done < events.size()) {
      int to = Math.min(done + BATCH, limit.get());
      try {
        if (to > done) {
          done += sink.write(events.subList(done, to)).done();
          written.set(done);
        } else {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
      } catch (SinkException e) {
        // The server is down; the host waits too.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  private static List<Integer> range() {
    return IntStream.rangeClosed(1, COUNT).boxed().toList();
  }

  private static Set<Integer> numbers(Rsyslog server) throws Exception {
    List<Integer> numbers = new ArrayList<>();
    for (String record : server.records()) {
      // A killed server may leave half a line.
      String number = record.substring(record.lastIndexOf('#') + 1);
      if (number.matches("[0-9]{1,4}")) {
        numbers.add(Integer.valueOf(number));
      }
    }
    return new LinkedHashSet<>(numbers);
  }
}
