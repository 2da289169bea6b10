package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against servers that misbehave. */
@Timeout(120)
class StreamSinkTest {
  private final List<String> received = Collections.synchronizedList(new ArrayList<>());

  @Test
  void aServerThatHasClosedIsNoticedBeforeAnythingIsWritten() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tcp", server.port(), "")) {
      server.then(
          client -> {
            received.add(client.message());
            client.close();
            closed.countDown();
          });
      server.then(this::readAll);

      sink.write(Sinks.events(1, 1));
      assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(sink.write(Sinks.events(2, 2))).isEqualTo(WriteResult.accepted(1));

      // The first one comes twice: nobody told that it had been read.
      awaitReceived(3);
      assertThat(numbers()).containsExactly(1, 1, 2);
    }
  }

  @Test
  void whatAResetTookAwayIsWrittenAgainInOrder() throws Exception {
    CountDownLatch reset = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tcp", server.port(), "")) {
      server.then(
          client -> {
            written.await(60, TimeUnit.SECONDS);
            client.reset();
            reset.countDown();
          });
      server.then(this::readAll);

      Sinks.writeAll(sink, Sinks.events(1, 50));
      Sinks.writeAll(sink, Sinks.events(51, 100));
      written.countDown();
      assertThat(reset.await(60, TimeUnit.SECONDS)).isTrue();
      Sinks.writeAll(sink, Sinks.events(101, 120));

      awaitReceived(120);
      assertThat(numbers()).containsExactlyElementsOf(range(1, 120));
    }
  }

  @Test
  void nothingIsKeptForLaterIfTheWindowIsTurnedOff() throws Exception {
    CountDownLatch reset = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tcp", server.port(), "resend-window = 0")) {
      server.then(
          client -> {
            written.await(60, TimeUnit.SECONDS);
            client.reset();
            reset.countDown();
          });
      server.then(this::readAll);

      Sinks.writeAll(sink, Sinks.events(1, 5));
      written.countDown();
      assertThat(reset.await(60, TimeUnit.SECONDS)).isTrue();
      Sinks.writeAll(sink, Sinks.events(6, 9));

      awaitReceived(4);
      assertThat(numbers()).containsExactly(6, 7, 8, 9);
    }
  }

  @Test
  void aServerThatStandsStillEndsAWriteAfterItsTime() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    FakeServer.Behaviour standsStill = client -> over.await(100, TimeUnit.SECONDS);
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tcp", server.port(), "write-timeout = 300ms, resend-window = 0")) {
      server.then(standsStill);
      List<RenderedEvent> batch = Sinks.events(1, 4096);

      SinkException failure = null;
      // The kernels' buffers take some megabytes first.
      for (int i = 0; failure == null && i < 200; i++) {
        failure = catchThrowableOfType(SinkException.class, () -> sink.write(batch));
      }

      assertThat(failure).isNotNull();
      assertThat(failure.isPermanent()).isFalse();
      assertThat(failure).hasMessageContaining("the peer does not react");
    } finally {
      over.countDown();
    }
  }

  @Test
  void anInterruptedWriteLeavesNeitherATornMessageNorOneTwice() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    List<RenderedEvent> events = Sinks.events(1, 60_000);
    try (FakeServer server = new FakeServer()) {
      server.then(
          client -> {
            read.await(100, TimeUnit.SECONDS);
            readAll(client);
          });
      try (Sink sink = Sinks.open("tcp", server.port(), "write-timeout = 60s")) {
        int done = writeUntilStuck(sink, events);
        assertThat(done).isPositive();

        // Still nobody reads, but the kernel may have found room for some more.
        SinkException failure = null;
        while (failure == null) {
          assertThat(done).isLessThan(events.size());
          Thread.currentThread().interrupt();
          try {
            done += sink.write(events.subList(done, events.size())).done();
          } catch (SinkException e) {
            failure = e;
          }
          assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(failure.isPermanent()).isFalse();
        assertThat(failure).hasMessageEndingWith("no answer before the write's deadline");

        read.countDown();
        Sinks.writeAll(sink, events.subList(done, events.size()));
      }
      awaitReceived(events.size());
      assertThat(numbers()).containsExactlyElementsOf(range(1, events.size()));
    }
  }

  /** Writes on a thread of its own, interrupts it once it waits, and tells how many were done. */
  private static int writeUntilStuck(Sink sink, List<RenderedEvent> events) throws Exception {
    CompletableFuture<WriteResult> result = new CompletableFuture<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                result.complete(sink.write(events));
              } catch (SinkException e) {
                result.completeExceptionally(e);
              }
            },
            "writer");
    writer.start();
    ServerProcess.await("waits for room", () -> waitsForRoom(writer));
    writer.interrupt();
    return result.get(60, TimeUnit.SECONDS).done();
  }

  private static boolean waitsForRoom(Thread thread) {
    List<StackTraceElement> stack = List.of(thread.getStackTrace());
    boolean waits = stack.stream().anyMatch(frame -> frame.getMethodName().equals("await"));
    return waits && stack.stream().anyMatch(frame -> frame.getMethodName().equals("hand"));
  }

  @Test
  void aPortThatNobodyListensOnIsATemporaryFailureWithItsAddress() throws Exception {
    int port = Ports.freePort();
    try (Sink sink = Sinks.open("tcp", port, "")) {
      fails(sink, "tcp 127.0.0.1:" + port + ": 127.0.0.1: Connection refused");
    }
  }

  @Test
  void aNameThatNobodyKnowsIsATemporaryFailure() throws Exception {
    try (Sink sink = Sinks.open("address = \"no-such-host.invalid:514\", connect-timeout = 20s")) {
      fails(sink, "tcp no-such-host.invalid:514: ");
    }
  }

  @Test
  void aServerThatAcceptsAndSaysNothingInTlsIsATemporaryFailure() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tls", server.port(), "connect-timeout = 300ms")) {
      server.then(client -> over.await(100, TimeUnit.SECONDS));
      fails(sink, "127.0.0.1: no answer within 300 ms");
    } finally {
      over.countDown();
    }
  }

  @Test
  void aServerThatSpeaksNoTlsIsATemporaryFailure() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tls", server.port(), "")) {
      server.then(client -> client.send("220 mail.example ESMTP\r\n"));
      fails(sink, "tls 127.0.0.1:" + server.port() + ": 127.0.0.1: ");
    }
  }

  @Test
  void aServerThatClosesEachConnectionAtOnceIsATemporaryFailure() throws Exception {
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("tcp", server.port(), "")) {
      server.then(FakeServer.Client::close);
      fails(sink, "the server has closed the connection");
    }
  }

  @Test
  void theNextAddressOfAServerIsTriedIfOneDoesNotAnswer() throws Exception {
    // localhost has ::1 too, where nobody listens; with 127.0.0.1 alone this shows less.
    try (FakeServer server = new FakeServer();
        Sink sink = Sinks.open("address = \"localhost:" + server.port() + "\"")) {
      server.then(this::readAll);
      sink.write(Sinks.events(1, 1));
      awaitReceived(1);
    }
  }

  @Test
  void anAddressOfIpv6IsWrittenInBrackets() throws Exception {
    InetAddress loopback = InetAddress.getAllByName("::1")[0];
    boolean there =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress());
    // Not a matter of privileges: containers without IPv6 are common, in CI too.
    assumeTrue(there, "this machine has no ::1");
    try (FakeServer server = new FakeServer(loopback);
        Sink sink = Sinks.open("address = \"[::1]:" + server.port() + "\"")) {
      server.then(this::readAll);
      sink.write(Sinks.events(1, 1));
      awaitReceived(1);
    }
  }

  private static void fails(Sink sink, String reason) {
    assertThatThrownBy(() -> sink.write(Sinks.events(1, 1)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessageContaining(reason);
  }

  private void readAll(FakeServer.Client client) throws Exception {
    for (String message = client.message(); message != null; message = client.message()) {
      received.add(message.substring(message.lastIndexOf('#') + 1));
    }
  }

  private void awaitReceived(int count) {
    ServerProcess.await(count + " messages", () -> received.size() >= count);
  }

  private List<Integer> numbers() {
    return List.copyOf(received).stream()
        .map(message -> Integer.valueOf(message.substring(message.lastIndexOf('#') + 1)))
        .toList();
  }

  private static List<Integer> range(int first, int last) {
    return IntStream.rangeClosed(first, last).boxed().toList();
  }
}
