package dev.custos.sinks.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DatagramSinkTest {
  @TempDir Path folder;

  @Test
  void aPortThatNobodyListensOnShowsAndIsTriedAgain() throws Exception {
    int port = Ports.freePort();
    try (Sink sink = Sinks.open("udp", port, "")) {
      // The host's answer may come after the first write.
      ServerProcess.await("the refusal", () -> isRefused(sink, port));

      try (DatagramSocket server = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
        server.setSoTimeout(60_000);
        ServerProcess.await("the port to be found open", () -> !isRefused(sink, port));
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        server.receive(packet);
        assertThat(new String(packet.getData(), 0, packet.getLength(), UTF_8))
            .startsWith("<85>1 ")
            .endsWith(" #1");
      }
    }
  }

  private static boolean isRefused(Sink sink, int port) {
    try {
      sink.write(Sinks.events(1, 1));
      return false;
    } catch (SinkException e) {
      assertThat(e.isPermanent()).isFalse();
      assertThat(e).hasMessage("udp 127.0.0.1:" + port + ": nobody listens on the port");
      return true;
    }
  }

  @Test
  void aMessageAsLongAsADatagramArrives() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Sink sink = Sinks.open("udp", server.getLocalPort(), "max-size = 65507")) {
      server.setSoTimeout(60_000);

      sink.write(List.of(Sinks.event(1, "\u0001".repeat(40_000))));

      DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
      server.receive(packet);
      assertThat(packet.getLength()).isBetween(65_490, 65_507);
    }
  }

  @Test
  void aLocalDaemonThatIsNotThereIsATemporaryFailure() throws Exception {
    String path = folder.resolve("log").toString();
    try (Sink sink = Sinks.open("transport = local, path = \"" + path + "\"")) {
      fails(sink, "local " + path + ": connect(\"" + path + "\"): ENOENT");
    }
  }

  @Test
  void aLocalDaemonThatDoesNotReadIsWaitedForAndGetsEverythingOnce() throws Exception {
    try (Rsyslog server = Rsyslog.local(folder);
        Sink sink =
            Sinks.open(
                "transport = local, write-timeout = 300ms, path = \""
                    + folder.resolve("log")
                    + "\"")) {
      // Its process stands still: the socket's queue fills up.
      signal(server, "STOP");
      int done = 0;
      SinkException failure = null;
      while (failure == null) {
        try {
          done += sink.write(Sinks.events(done + 1, done + 1000)).done();
        } catch (SinkException e) {
          failure = e;
        }
      }
      assertThat(failure.isPermanent()).isFalse();
      assertThat(failure).hasMessageEndingWith(": the receiver has no room");
      Thread.currentThread().interrupt();
      fails(sink, "the receiver has no room");
      assertThat(Thread.interrupted()).isTrue();

      signal(server, "CONT");
      Sinks.writeAll(sink, Sinks.events(done + 1, done + 100));
      List<String> records = server.records(done + 100);
      assertThat(records).hasSize(done + 100);
      assertThat(records.get(done + 99)).endsWith("#" + (done + 100));
    }
  }

  @Test
  void aLocalDaemonThatWasStartedAnewIsFoundAgain() throws Exception {
    try (Rsyslog server = Rsyslog.local(folder);
        Sink sink = Sinks.open("transport = local, path = \"" + folder.resolve("log") + "\"")) {
      sink.write(Sinks.events(1, 1));
      server.records(1);
      server.stop();
      server.start();

      ServerProcess.await("the new socket", () -> isTaken(sink));

      assertThat(server.records(2)).hasSize(2);
    }
  }

  private static boolean isTaken(Sink sink) {
    try {
      sink.write(Sinks.events(2, 2));
      return true;
    } catch (SinkException e) {
      assertThat(e.isPermanent()).isFalse();
      return false;
    }
  }

  private static void signal(Rsyslog server, String name) throws IOException, InterruptedException {
    String pid = Long.toString(server.handle().pid());
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
  }

  private static void fails(Sink sink, String reason) {
    assertThatThrownBy(() -> sink.write(Sinks.events(1, 1)))
        .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
        .hasMessageContaining(reason);
  }
}
