package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against RELP servers that misbehave. */
@Timeout(120)
class RelpSinkTest {
  private final List<String> received = new CopyOnWriteArrayList<>();

  @Test
  void anEventCountsAsWrittenWhenItIsAcknowledged() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "write-timeout = 300ms")) {
      server.then(
          client -> {
            client.opened();
            // The second of three is never answered.
            for (RelpFrame frame = client.frame(); frame != null; frame = client.frame()) {
              if (!frame.data().endsWith("#2")) {
                client.respond(frame.transaction(), "200 OK");
              }
            }
          });

      assertThat(sink.write(Sinks.events(1, 3))).isEqualTo(WriteResult.accepted(1));
    }
  }

  @Test
  void nothingAcknowledgedIsATemporaryFailure() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "write-timeout = 300ms")) {
      server.then(
          client -> {
            client.opened();
            for (RelpFrame frame = client.frame(); frame != null; frame = client.frame()) {
              received.add(frame.data());
            }
          });

      fails(sink, "relp 127.0.0.1:" + server.port() + ": the peer does not react");
    }
  }

  @Test
  void answersMayComeInAnyOrderAndNoMoreThanTheWindowWaits() throws Exception {
    AtomicInteger most = new AtomicInteger();
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "relp-window = 8")) {
      server.then(
          client -> {
            client.opened();
            Deque<RelpFrame> waiting = new ArrayDeque<>();
            for (int i = 1; i <= 400; i++) {
              waiting.addLast(client.frame());
              most.accumulateAndGet(waiting.size(), Math::max);
              if (waiting.size() == 8 || i == 400) {
                while (!waiting.isEmpty()) {
                  client.respond(waiting.removeLast().transaction(), "200 OK");
                }
              }
            }
            client.respond(client.frame().transaction(), "200 OK");
          });

      assertThat(sink.write(Sinks.events(1, 400))).isEqualTo(WriteResult.accepted(400));
      assertThat(most.get()).isEqualTo(8);
      assertThat(server.faults()).isEmpty();
    }
  }

  @Test
  void aMessageThatTheServerRefusesIsRejectedWithItsReason() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "")) {
      server.then(
          client -> {
            client.opened();
            for (RelpFrame frame = client.frame(); frame != null; frame = client.frame()) {
              boolean second = frame.data().endsWith("#2");
              client.respond(frame.transaction(), second ? "500 no\u001b[1m\nway" : "200 OK");
            }
          });

      WriteResult result = sink.write(Sinks.events(1, 3));

      assertThat(result.done()).isEqualTo(3);
      assertThat(result.rejected())
          .containsExactly(new WriteResult.Rejection(1, "500 no\\x1b[1m\\nway"));
    }
  }

  @Test
  void aServerThatEndsTheSessionIsConnectedToAgain() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "")) {
      server.then(
          client -> {
            client.opened();
            client.respond(client.frame().transaction(), "200 OK");
            client.send("0 serverclose 0\n");
            client.close();
            ended.countDown();
          });
      server.then(this::acknowledgeAll);

      assertThat(sink.write(Sinks.events(1, 1))).isEqualTo(WriteResult.accepted(1));
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(sink.write(Sinks.events(2, 4))).isEqualTo(WriteResult.accepted(3));

      assertThat(received).hasSize(3);
    }
  }

  @Test
  void aConnectionThatBreaksLeavesWhatWasNotAcknowledgedToTheHost() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "")) {
      server.then(
          client -> {
            client.opened();
            client.respond(client.frame().transaction(), "200 OK");
            client.respond(client.frame().transaction(), "200 OK");
            client.close();
          });
      server.then(this::acknowledgeAll);

      int done = sink.write(Sinks.events(1, 50)).done();
      assertThat(done).isBetween(1, 2);
      Sinks.writeAll(sink, Sinks.events(done + 1, 50));

      assertThat(received).hasSize(50 - done);
    }
  }

  @Test
  void aSessionThatIsRefusedSaysWhatTheServerSaid() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "")) {
      server.then(client -> client.respond(client.frame().transaction(), "500 not you"));
      server.then(client -> client.respond(client.frame().transaction(), "200 OK\ncommands=x"));

      fails(sink, "the server refuses a RELP session for syslog: 500 not you");
      fails(sink, "the server refuses a RELP session for syslog: 200 OK\\ncommands=x");
    }
  }

  @Test
  void aServerThatSpeaksNoRelpIsATemporaryFailure() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("relp", server.port(), "")) {
      server.then(client -> client.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
      server.then(client -> client.send("1 rsp 999999999 "));
      server.then(
          client -> {
            client.opened();
            client.respond(77, "200 OK");
            client.frame();
          });

      fails(sink, "the server speaks no RELP: a number is expected");
      fails(sink, "the server speaks no RELP: a frame of 999999999 bytes");
      fails(sink, "the server answers what it was not asked");
    }
  }

  @Test
  void closingEndsTheSessionAsTheProtocolHasIt() throws Exception {
    List<String> commands = new CopyOnWriteArrayList<>();
    CountDownLatch over = new CountDownLatch(1);
    try (FakeServer server = new FakeServer()) {
      server.then(
          client -> {
            client.opened();
            for (RelpFrame frame = client.frame(); frame != null; frame = client.frame()) {
              commands.add(frame.command());
              client.respond(frame.transaction(), "200 OK");
            }
            over.countDown();
          });
      Sink sink = Sinks.open("relp", server.port(), "");
      sink.write(Sinks.events(1, 2));

      sink.close();
      sink.close();

      assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(commands).containsExactly("syslog", "syslog", "close");
    }
  }

  private void acknowledgeAll(FakeServer.Client client) throws Exception {
    client.opened();
    for (RelpFrame frame = client.frame(); frame != null; frame = client.frame()) {
      if (frame.command().equals("syslog")) {
        received.add(frame.data());
      }
      client.respond(frame.transaction(), "200 OK");
    }
  }

  private static void fails(Sink sink, String reason) {
    assertThatThrownBy(() -> sink.write(Sinks.events(1, 1)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessageContaining(reason);
  }
}
