package dev.custos.sinks.syslog;

import dev.custos.sinks.tls.Certificates;
import dev.custos.testkit.UnpackedPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real rsyslogd with one input. */
final class Rsyslog extends ServerProcess {
  private final UnpackedPrograms programs;
  private final String protocol;

  private Rsyslog(Path folder, String protocol, String input) throws IOException {
    super(folder);
    this.programs = UnpackedPrograms.of("syslog-servers", "rsyslog");
    this.protocol = protocol;
    // A direct queue: a message is in the file before the server acknowledges it.
    Files.writeString(
        folder.resolve("rsyslog.conf"),
        """
        global(workDirectory="%1$s")
        template(name="raw" type="string" string="%%rawmsg%%\\n")
        ruleset(name="all" queue.type="Direct") {
          action(type="omfile" file="%1$s/out.log" template="raw")
        }
        %2$s
        """
            .formatted(folder, input.replace("PORT", Integer.toString(port))));
  }

  static Rsyslog tcp(Path folder) throws IOException {
    return started(
        new Rsyslog(
            folder,
            "tcp",
            """
            module(load="imtcp")
            input(type="imtcp" port="PORT" ruleset="all")
            """));
  }

  static Rsyslog udp(Path folder) throws IOException {
    return started(
        new Rsyslog(
            folder,
            "udp",
            """
            module(load="imudp")
            input(type="imudp" port="PORT" ruleset="all")
            """));
  }

  /** Lets in whoever shows the certificate of {@code client.example}. */
  static Rsyslog tls(Path folder, Certificates certificates) throws IOException {
    return started(
        new Rsyslog(
            folder,
            "tcp",
            """
            global(defaultNetstreamDriverCAFile="%s"
                   defaultNetstreamDriverCertFile="%s"
                   defaultNetstreamDriverKeyFile="%s")
            module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
                   streamDriver.authMode="x509/name" permittedPeer=["client.example"])
            input(type="imtcp" port="PORT" ruleset="all")
            """
                .formatted(
                    certificates.path("ca.pem"),
                    certificates.path("server.pem"),
                    certificates.path("server.key"))));
  }

  static Rsyslog relp(Path folder) throws IOException {
    return started(
        new Rsyslog(
            folder,
            "tcp",
            """
            module(load="imrelp" ruleset="all")
            input(type="imrelp" port="PORT" maxDataSize="16k")
            """));
  }

  static Rsyslog relpTls(Path folder, Certificates certificates) throws IOException {
    return started(
        new Rsyslog(
            folder,
            "tcp",
            """
            module(load="imrelp" ruleset="all" tls.tlsLib="openssl")
            input(type="imrelp" port="PORT" tls="on" tls.authMode="name"
                  tls.permittedPeer=["client.example"]
                  tls.caCert="%s" tls.myCert="%s" tls.myPrivKey="%s")
            """
                .formatted(
                    certificates.path("ca.pem"),
                    certificates.path("server.pem"),
                    certificates.path("server.key"))));
  }

  /** Reads the datagram socket {@code log} in its folder, as it does {@code /dev/log}. */
  static Rsyslog local(Path folder) throws IOException {
    return started(
        new Rsyslog(
            folder,
            "unix",
            """
            module(load="imuxsock" sysSock.use="off")
            input(type="imuxsock" socket="%s" ruleset="all" useSysTimeStamp="off"
                  rateLimit.interval="0")
            """
                .formatted(folder.resolve("log"))));
  }

  private static Rsyslog started(Rsyslog server) throws IOException {
    server.start();
    return server;
  }

  @Override
  ProcessBuilder command() throws IOException {
    return programs.command(
        "usr/sbin/rsyslogd",
        "-n",
        "-C",
        "-f",
        folder.resolve("rsyslog.conf").toString(),
        "-i",
        folder.resolve("pid").toString(),
        "-M",
        programs.find("imtcp.so").getParent().toString());
  }

  @Override
  boolean isReady() throws IOException {
    return protocol.equals("unix")
        ? Files.exists(folder.resolve("log"))
        : Ports.isOpen(protocol, port);
  }
}
