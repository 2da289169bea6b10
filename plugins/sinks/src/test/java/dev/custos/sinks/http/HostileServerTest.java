package dev.custos.sinks.http;

import static dev.custos.sinks.http.Sinks.events;
import static dev.custos.sinks.http.TestReceiver.endless;
import static dev.custos.sinks.http.TestReceiver.reset;
import static dev.custos.sinks.http.TestReceiver.say;
import static dev.custos.sinks.http.TestReceiver.stallAfter;
import static dev.custos.sinks.http.TestReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is at the other side, a write ends, and the next one works. */
@Timeout(180)
class HostileServerTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final String HEAD = "HTTP/1.1 200 OK\r\n";

  @TempDir Path directory;
  private TestReceiver receiver;
  private Sink sink;

  @BeforeEach
  void start() throws Exception {
    receiver = new TestReceiver();
    sink = open("request-timeout = 300ms", "connect-timeout = 300ms");
  }

  private Sink open(String... more) throws SinkException {
    return Sinks.open(
        "url = \"" + receiver.url() + "\"",
        "dead-letter.directory = \"" + directory.resolve("dead") + "\"",
        String.join("\n", more));
  }

  @AfterEach
  void close() throws Exception {
    sink.close();
    receiver.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200",
        HEAD + "Content-Length: 10\r\n\r\n12345",
        HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        HEAD + "Transfer-Encoding: chunked\r\n\r\nffffff\r\n12345\r\n",
        HEAD + "\r\nno length, and no end",
        "HTTP/1.1 100 Continue\r\n\r\n"
      })
  void aServerThatStallsIsLeftInTime(String start) throws Exception {
    receiver.next(stallAfter(start));

    assertTemporary(catchThrowable(() -> sink.write(events(1, 3))));
    assertWorks();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0000\u0001\u0002\u0003\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 mail.example ESMTP\r\n",
        "HTTP/9.9 999 What\r\n\r\n",
        "HTTP/1.1 -1 What\r\n\r\n",
        "HTTP/1.1 2\u001b[31m0\r\n\r\n",
        HEAD + "Content-Length: minus one\r\n\r\n",
        HEAD + "Content-Length: -5\r\n\r\n",
        HEAD + "Content-Length: 99999999999999999999\r\n\r\n",
        HEAD + "Content-Length: 100\r\n\r\nshort",
        HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        HEAD + "\u0001: \u0002\r\n\u0003",
        ""
      })
  void garbageIsATemporaryFaultThatIsEscaped(String garbage) throws Exception {
    receiver.next(say(garbage.getBytes(StandardCharsets.ISO_8859_1)));

    assertTemporary(catchThrowable(() -> sink.write(events(1, 3))));
    assertWorks();
  }

  @Test
  void anyGarbageEndsInTime() throws Exception {
    Random random = new Random(20260615);
    for (int round = 0; round < 40; round++) {
      byte[] garbage = new byte[random.nextInt(200)];
      random.nextBytes(garbage);
      receiver.next(say(garbage));

      assertTemporary(catchThrowable(() -> sink.write(events(1, 3))));
    }
    assertWorks();
  }

  @Test
  void aResetIsATemporaryFault() throws Exception {
    receiver.next(reset());

    assertTemporary(catchThrowable(() -> sink.write(events(1, 3))));
    assertWorks();
  }

  @Test
  void aBodyThatDripsForEverIsLeftInTime() throws Exception {
    receiver.next(
        (socket, out, end) -> {
          out.write((HEAD + "Content-Length: 1000000\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
          // Waits between drops without sleeping: the latch is opened at the test's end.
          while (!end.await(20, TimeUnit.MILLISECONDS)) {
            out.write('x');
            out.flush();
          }
        });

    assertTemporary(catchThrowable(() -> sink.write(events(1, 3))));
    assertWorks();
  }

  @Test
  void aBodyWithoutEndIsReadInPart() throws Exception {
    sink.close();
    sink = open();
    receiver.next(endless(HEAD + "Transfer-Encoding: chunked\r\n\r\n", chunk(64 * 1024)));

    assertThat(sink.write(events(1, 3))).isEqualTo(WriteResult.accepted(3));
    assertWorks();
  }

  private static byte[] chunk(int size) {
    return (Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void aHeaderWithoutEndIsLeft() throws Exception {
    receiver.next(
        endless(
            HEAD, ("X-More: " + "x".repeat(1000) + "\r\n").getBytes(StandardCharsets.US_ASCII)));

    assertTemporary(catchThrowable(() -> sink.write(events(1, 3))));
    assertWorks();
  }

  @Test
  void aServerThatNeverReadsIsLeftInTime() throws Exception {
    sink.close();
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      sink =
          Sinks.open(
              "url = \"http://127.0.0.1:" + deaf.getLocalPort() + "\"",
              "request-timeout = 500ms",
              "max-request-bytes = 32MiB",
              "max-request-events = 100000");

      // More than the buffers of both sockets hold.
      assertTemporary(catchThrowable(() -> sink.write(events(1, 60_000))));
    }
  }

  @Test
  void aClosedPortIsATemporaryFaultThatNamesTheAddress() throws Exception {
    int port = receiver.port();
    receiver.close();

    assertThatThrownBy(() -> sink.write(events(1, 3)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessageStartingWith("POST http://127.0.0.1:" + port + "/: can't connect");
  }

  @Test
  void aHostThatIsUnknownIsATemporaryFault() throws Exception {
    sink.close();
    sink = Sinks.open("url = \"http://no-such-host.invalid/x?token=s3cret\"");

    assertThatThrownBy(() -> sink.write(events(1, 3)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessage("POST http://no-such-host.invalid/x: the host's name can't be resolved");
  }

  @Test
  void aConnectionThatTheServerClosedMeanwhileIsMadeAnew() throws Exception {
    receiver.next(
        (socket, out, end) -> {
          status(200).answer(socket, out, end);
          socket.close();
        });
    sink.write(events(1, 1));

    // The client may find out only by the next request, which then is to be made once more.
    Awaitility.await()
        .atMost(WAIT)
        .ignoreExceptionsInstanceOf(SinkException.class)
        .until(() -> sink.write(events(2, 2)).done() == 1);
    assertThat(receiver.connections()).isGreaterThan(1);
  }

  @Test
  void anInterruptEndsAWriteAndTheThreadStaysInterrupted() throws Exception {
    sink.close();
    sink = open("request-timeout = 5m");
    receiver.next(stallAfter(HEAD));
    AtomicReference<Throwable> fault = new AtomicReference<>();
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Thread writer =
        new Thread(
            () -> {
              fault.set(catchThrowable(() -> sink.write(events(1, 3))));
              flag.set(Thread.currentThread().isInterrupted());
            });
    writer.start();
    Awaitility.await().atMost(WAIT).until(() -> receiver.requests().size() == 1);

    writer.interrupt();
    writer.join(30_000);

    assertThat(writer.isAlive()).isFalse();
    assertTemporary(fault.get());
    assertThat(flag.get()).isTrue();
    assertWorks();
  }

  private static void assertTemporary(Throwable fault) {
    assertThat(fault)
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse());
    assertThat(fault.getMessage().codePoints()).noneMatch(Printable::isInvisible);
    assertThat(fault.getMessage()).hasSizeLessThan(600);
  }

  /** A loaded machine may need longer than the short limits of these tests. */
  private void assertWorks() throws Exception {
    Awaitility.await()
        .atMost(WAIT)
        .ignoreExceptionsInstanceOf(SinkException.class)
        .until(() -> sink.write(events(1, 3)).equals(WriteResult.accepted(3)));
  }
}
