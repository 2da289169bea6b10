package dev.custos.sinks.syslog;

import dev.custos.sinks.config.Options;
import dev.custos.sinks.connect.Address;
import dev.custos.spi.sink.SinkException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

/**
 * What a sink's section says, but for its {@code tls} part.
 *
 * @param address none for the local daemon
 * @param path the local daemon's socket
 */
record SyslogSettings(
    Transport transport,
    Optional<Address> address,
    String path,
    boolean rfc5424,
    Framing framing,
    Priorities priorities,
    Identity identity,
    String enterpriseNumber,
    boolean byteOrderMark,
    int maxSize,
    Duration connectTimeout,
    Duration writeTimeout,
    long resendSize,
    Duration resendAge,
    int relpWindow) {
  /** How messages travel. */
  enum Transport {
    UDP("udp"),
    TCP("tcp"),
    TLS("tls"),
    RELP("relp"),
    RELP_TLS("relp-tls"),
    LOCAL("local");

    private final String word;

    Transport(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    boolean isEncrypted() {
      return this == TLS || this == RELP_TLS;
    }

    static Transport of(String word) {
      for (Transport transport : values()) {
        if (transport.word.equals(word)) {
          return transport;
        }
      }
      throw new IllegalArgumentException(word);
    }
  }

  private static final String[] KEYS = {
    "transport",
    "address",
    "path",
    "format",
    "framing",
    "facility",
    "severity",
    "hostname",
    "app-name",
    "proc-id",
    "enterprise-number",
    "structured-data",
    "byte-order-mark",
    "max-size",
    "tls",
    "connect-timeout",
    "write-timeout",
    "resend-window",
    "resend-age",
    "relp-window"
  };
  // RFC 3164, section 4.1; more than the header of RFC 5424 with every field at its longest.
  private static final int LEAST_SIZE = 1024;
  private static final int MOST_SIZE = 1 << 20;
  // What fits into an IPv4 datagram, less its headers.
  private static final int MOST_DATAGRAM = 65_507;
  private static final Duration LEAST_TIME = Duration.ofMillis(100);
  private static final Duration MOST_TIME = Duration.ofMinutes(10);

  static SyslogSettings read(Options options) throws SinkException {
    options.allow(KEYS);
    Transport transport =
        Transport.of(options.word("transport", "tcp", "udp", "tls", "relp", "relp-tls", "local"));
    boolean local = transport == Transport.LOCAL;
    String format = options.word("format", "auto", "rfc5424", "rfc3164");
    return new SyslogSettings(
        transport,
        address(options, transport),
        path(options, local),
        format.equals("auto") ? !local : format.equals("rfc5424"),
        framing(options, transport),
        priorities(options),
        identity(options),
        enterpriseNumber(options),
        options.flag("byte-order-mark"),
        maxSize(options, transport),
        options.duration("connect-timeout", LEAST_TIME, MOST_TIME),
        options.duration("write-timeout", LEAST_TIME, MOST_TIME),
        options.bytes("resend-window", 0, 64L << 20),
        options.duration("resend-age", Duration.ofSeconds(1), Duration.ofHours(1)),
        options.number("relp-window", 1, 100_000));
  }

  private static Optional<Address> address(Options options, Transport transport)
      throws SinkException {
    String text = options.text("address");
    if (transport == Transport.LOCAL) {
      if (!text.isEmpty()) {
        throw options.wrong(
            "address", "transport = local has none; give path, or another transport");
      }
      return Optional.empty();
    }
    Optional<Address> address = Address.parse(text);
    if (address.isEmpty()) {
      throw options.wrong(
          "address",
          "expected host and port, such as \"logs.example:6514\", \"192.0.2.7:514\" or"
              + " \"[2001:db8::7]:514\"");
    }
    return address;
  }

  private static String path(Options options, boolean local) throws SinkException {
    String path = options.text("path");
    if (local && !path.startsWith("/") && !path.startsWith("@")) {
      throw options.wrong("path", "expected the path of a socket, such as /dev/log");
    }
    return path;
  }

  private static Framing framing(Options options, Transport transport) throws SinkException {
    String word = options.word("framing", "auto", "octet-counting", "newline");
    boolean stream = transport == Transport.TCP || transport == Transport.TLS;
    if (!word.equals("auto") && !stream) {
      throw options.wrong(
          "framing", "transport = " + transport.word() + " has a framing of its own; leave it out");
    }
    return word.equals("newline") ? Framing.NEWLINE : Framing.OCTET_COUNTING;
  }

  private static Priorities priorities(Options options) throws SinkException {
    Options severity = options.section("severity");
    severity.allow(
        "allow", "would-deny", "deny", "watch", "lost", "finding", "scan", "scan-errored");
    String finding = severity.text("finding");
    return new Priorities(
        Facility.of(options.word("facility", Facility.words())),
        severity(severity, "allow"),
        severity(severity, "would-deny"),
        severity(severity, "deny"),
        severity(severity, "watch"),
        severity(severity, "lost"),
        finding.equals("own") ? Optional.empty() : Optional.of(severity(severity, "finding")),
        severity(severity, "scan"),
        severity(severity, "scan-errored"));
  }

  private static Severity severity(Options section, String key) throws SinkException {
    section.text(key);
    return Severity.of(section.word(key, Severity.words()));
  }

  private static Identity identity(Options options) throws SinkException {
    String name = options.text("app-name");
    if (name.isEmpty()) {
      throw options.wrong("app-name", "expected a name, such as custos");
    }
    String process = options.text("proc-id");
    return new Identity(
        options.text("hostname"),
        name,
        process.isEmpty() ? Long.toString(ProcessHandle.current().pid()) : process);
  }

  private static String enterpriseNumber(Options options) throws SinkException {
    String number = options.text("enterprise-number");
    if (!number.matches("[0-9]{1,10}(\\.[0-9]{1,10}){0,1}")) {
      throw options.wrong(
          "enterprise-number", "expected a private enterprise number of IANA, such as 32473");
    }
    return options.flag("structured-data") ? number : "";
  }

  private static int maxSize(Options options, Transport transport) throws SinkException {
    boolean datagram = transport == Transport.UDP || transport == Transport.LOCAL;
    return (int) options.bytes("max-size", LEAST_SIZE, datagram ? MOST_DATAGRAM : MOST_SIZE);
  }

  MessageFormat messageFormat() {
    return rfc5424
        ? new Rfc5424Format(priorities, identity, enterpriseNumber, byteOrderMark, maxSize)
        : new Rfc3164Format(
            priorities, identity, transport != Transport.LOCAL, maxSize, ZoneId.systemDefault());
  }
}
