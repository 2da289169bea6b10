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

/** Against a real syslog-ng, which takes messages apart by the letter of RFC 5424. */
@Timeout(180)
class SyslogNgTest {
  private static final int COUNT = 300;
  @TempDir Path folder;

  @Test
  void udpDatagramsAreUnderstood() throws Exception {
    try (SyslogNg server = SyslogNg.udp(folder);
        Sink sink = Sinks.open("udp", server.port, "proc-id = 417")) {
      everythingIsUnderstood(server, sink, 20);
    }
  }

  @Test
  void tcpWithOctetCountingIsUnderstood() throws Exception {
    try (SyslogNg server = SyslogNg.tcp(folder);
        Sink sink = Sinks.open("tcp", server.port, "proc-id = 417")) {
      everythingIsUnderstood(server, sink, 100);
    }
  }

  @Test
  void tcpWithNewlinesAndRfc3164IsUnderstood() throws Exception {
    try (SyslogNg server = SyslogNg.tcpWithNewlines(folder);
        Sink sink =
            Sinks.open("tcp", server.port, "framing = newline, format = rfc3164, proc-id = 417")) {
      Sinks.writeAll(sink, Sinks.events(1, COUNT));

      List<String> records = server.records(COUNT);

      assertThat(records).hasSize(COUNT);
      assertThat(records.get(COUNT - 1)).startsWith("85|").contains("|node-1|custos|417|||CREATE");
      assertThat(records.get(COUNT - 1)).endsWith("/data: n" + COUNT + " #" + COUNT);
    }
  }

  @Test
  void tlsWithAClientCertificateIsUnderstood() throws Exception {
    Certificates certificates = certificates();
    String identity =
        "\ntls.certificate = \"%s\"\ntls.key = \"%s\""
            .formatted(certificates.path("client.pem"), certificates.path("client.key"));
    try (SyslogNg server = SyslogNg.tls(folder, certificates);
        Sink sink =
            Sinks.open(
                "tls", server.port, authority(certificates) + identity + "\nproc-id = 417")) {
      everythingIsUnderstood(server, sink, 100);
    }
  }

  @Test
  void aClientWithoutACertificateIsToldAndNothingCountsAsWritten() throws Exception {
    Certificates certificates = certificates();
    try (SyslogNg server = SyslogNg.tls(folder, certificates);
        Sink sink = Sinks.open("tls", server.port, authority(certificates))) {
      assertThatThrownBy(() -> sink.write(Sinks.events(1, 1)))
          .isInstanceOfSatisfying(SinkException.class, e -> assertThat(e.isPermanent()).isFalse());
    }
  }

  private Certificates certificates() throws Exception {
    return Certificates.in(folder.resolve("certificates"))
        .server("server", "IP:127.0.0.1")
        .client("client");
  }

  private static String authority(Certificates certificates) {
    return "tls.ca = \"" + certificates.path("ca.pem") + "\"";
  }

  private static void everythingIsUnderstood(SyslogNg server, Sink sink, int step)
      throws Exception {
    List<RenderedEvent> events = new ArrayList<>(Sinks.events(1, COUNT));
    events.add(Sinks.event(COUNT + 1, "a\n<13>1 - evil - - - -"));
    events.add(Sinks.event(COUNT + 2, "b\"] [x@1 y=\"z"));
    byte[] raw = "c\u00e4?\\".getBytes(StandardCharsets.UTF_8);
    raw[3] = (byte) 0xff;
    events.add(Sinks.event(COUNT + 3, FilePath.ofBytes(raw)));
    for (int from = 0; from < events.size(); from += step) {
      int to = Math.min(from + step, events.size());
      Sinks.writeAll(sink, events.subList(from, to));
      server.records(to);
    }

    List<String> records = server.records(events.size());

    assertThat(records).hasSize(events.size());
    assertThat(IntStream.range(0, COUNT))
        .allSatisfy(
            i ->
                assertThat(records.get(i))
                    .matches(
                        "85\\|[^|]*\\|node-1\\|custos\\|417\\|CREATE\\|/data/n"
                            + (i + 1)
                            + "\\|CREATE file /data: n"
                            + (i + 1)
                            + " #"
                            + (i + 1)));
    assertThat(records.get(COUNT)).contains("|/data/a\\n<13>1 - evil - - - -|CREATE");
    assertThat(records.get(COUNT + 1)).contains("|/data/b\"] [x@1 y=\"z|CREATE");
    assertThat(records.get(COUNT + 2)).contains("|/data/c\u00e4\\xff\\\\|");
  }
}
