package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.sinks.tls.Certificates;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real rsyslogd. */
@Timeout(180)
class RsyslogTest {
  private static final int COUNT = 500;
  @TempDir Path folder;

  @Test
  void udpDatagramsArriveInOrder() throws Exception {
    try (Rsyslog server = Rsyslog.udp(folder);
        Sink sink = Sinks.open("udp", server.port, "")) {
      // A few at a time: the kernel drops what the server's socket has no room for.
      everythingArrives(server, sink, 20, true);
    }
  }

  @Test
  void tcpWithOctetCountingArrivesInOrder() throws Exception {
    try (Rsyslog server = Rsyslog.tcp(folder);
        Sink sink = Sinks.open("tcp", server.port, "framing = octet-counting")) {
      everythingArrives(server, sink);
    }
  }

  @Test
  void tcpWithNewlinesArrivesInOrder() throws Exception {
    try (Rsyslog server = Rsyslog.tcp(folder);
        Sink sink = Sinks.open("tcp", server.port, "framing = newline, format = rfc3164")) {
      everythingArrives(server, sink);
    }
  }

  @Test
  void tlsWithAClientCertificateArrivesInOrder() throws Exception {
    Certificates certificates = certificates();
    try (Rsyslog server = Rsyslog.tls(folder, certificates);
        Sink sink = Sinks.open("tls", server.port, identity(certificates, "client"))) {
      everythingArrives(server, sink);
    }
  }

  @Test
  void aClientThatTlsDoesNotLetInIsToldAndNothingCountsAsWritten() throws Exception {
    Certificates certificates = certificates();
    try (Rsyslog server = Rsyslog.tls(folder, certificates);
        Sink stranger = Sinks.open("tls", server.port, identity(certificates, "stranger"));
        Sink nobody = Sinks.open("tls", server.port, authority(certificates))) {
      assertThatThrownBy(() -> stranger.write(Sinks.events(1, 1)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse())
          .hasMessageStartingWith("tls 127.0.0.1:" + server.port + ": ");
      assertThatThrownBy(() -> nobody.write(Sinks.events(1, 1))).isInstanceOf(SinkException.class);
    }
  }

  @Test
  void relpArrivesInOrder() throws Exception {
    try (Rsyslog server = Rsyslog.relp(folder);
        Sink sink = Sinks.open("relp", server.port, "")) {
      everythingArrives(server, sink);
    }
  }

  @Test
  void relpWithTlsAndAClientCertificateArrivesInOrder() throws Exception {
    Certificates certificates = certificates();
    try (Rsyslog server = Rsyslog.relpTls(folder, certificates);
        Sink sink = Sinks.open("relp-tls", server.port, identity(certificates, "client"))) {
      everythingArrives(server, sink);
    }
  }

  @Test
  void theLocalSocketArrivesInOrder() throws Exception {
    try (Rsyslog server = Rsyslog.local(folder);
        Sink sink = Sinks.open("transport = local, path = \"" + folder.resolve("log") + "\"")) {
      everythingArrives(server, sink);
    }
  }

  private Certificates certificates() throws Exception {
    return Certificates.in(folder.resolve("certificates"))
        .server("server", "IP:127.0.0.1")
        .client("client")
        .client("stranger");
  }

  private static String authority(Certificates certificates) {
    return "tls.ca = \"" + certificates.path("ca.pem") + "\"";
  }

  private static String identity(Certificates certificates, String name) {
    return authority(certificates)
        + "\ntls.certificate = \"%s\"\ntls.key = \"%s\""
            .formatted(certificates.path(name + ".pem"), certificates.path(name + ".key"));
  }

  private static void everythingArrives(Rsyslog server, Sink sink) throws Exception {
    everythingArrives(server, sink, 100, false);
  }

  private static void everythingArrives(Rsyslog server, Sink sink, int step, boolean inTurn)
      throws Exception {
    List<RenderedEvent> events = new ArrayList<>(Sinks.events(1, COUNT));
    List<byte[]> hostile =
        List.of(
            "a\n<13>1 - evil - - - -".getBytes(StandardCharsets.UTF_8),
            "b\"] [x@1 y=\"z".getBytes(StandardCharsets.UTF_8),
            "c\u00e4\u202e\u0085\u2028".getBytes(StandardCharsets.UTF_8),
            new byte[] {'d', (byte) 0xff, 0x1b, '[', 'm', 0x7f});
    for (byte[] name : hostile) {
      events.add(Sinks.event(events.size() + 1, FilePath.ofBytes(name)));
    }
    for (int from = 0; from < events.size(); from += step) {
      int to = Math.min(from + step, events.size());
      Sinks.writeAll(sink, events.subList(from, to));
      if (inTurn) {
        server.records(to);
      }
    }

    List<String> records = server.records(events.size());

    assertThat(records).hasSize(events.size());
    assertThat(IntStream.range(0, records.size()))
        .allSatisfy(i -> assertThat(records.get(i)).startsWith("<85>").endsWith("#" + (i + 1)));
    assertThat(records.get(COUNT)).contains("a\\n<13>1 - evil - - - - #");
    assertThat(records.get(COUNT + 2)).contains("c\u00e4\\u{202e}\\u{85}\\u{2028} #");
    assertThat(records.get(COUNT + 3)).contains("d\\xff\\x1b[m\\x7f #");
  }
}
