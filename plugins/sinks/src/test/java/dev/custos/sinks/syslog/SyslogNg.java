package dev.custos.sinks.syslog;

import dev.custos.sinks.tls.Certificates;
import dev.custos.testkit.UnpackedPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real syslog-ng with one source. */
final class SyslogNg extends ServerProcess {
  private final UnpackedPrograms programs;
  private final String protocol;

  private SyslogNg(Path folder, String protocol, String source) throws IOException {
    super(folder);
    this.programs = UnpackedPrograms.of("syslog-servers", "syslog-ng");
    this.protocol = protocol;
    Files.writeString(
        folder.resolve("syslog-ng.conf"),
        """
        @version: 3.38
        options { keep-hostname(yes); };
        source s { %s };
        template t {
          template("$PRI|$ISODATE|$HOST|$PROGRAM|$PID|$MSGID|${.SDATA.custos@32473.path}|$MSG\\n");
        };
        destination d { file("%s/out.log" template(t)); };
        log { source(s); destination(d); };
        """
            .formatted(source.replace("PORT", Integer.toString(port)), folder));
  }

  static SyslogNg tcp(Path folder) throws IOException {
    return started(
        new SyslogNg(folder, "tcp", "syslog(transport(\"tcp\") ip(127.0.0.1) port(PORT));"));
  }

  static SyslogNg tcpWithNewlines(Path folder) throws IOException {
    return started(
        new SyslogNg(folder, "tcp", "network(transport(\"tcp\") ip(127.0.0.1) port(PORT));"));
  }

  static SyslogNg udp(Path folder) throws IOException {
    return started(
        new SyslogNg(folder, "udp", "syslog(transport(\"udp\") ip(127.0.0.1) port(PORT));"));
  }

  /** Lets in whoever shows a certificate of the authority. */
  static SyslogNg tls(Path folder, Certificates certificates) throws IOException {
    return started(
        new SyslogNg(
            folder,
            "tcp",
            """
            syslog(transport("tls") ip(127.0.0.1) port(PORT)
              tls(ca-file("%s") cert-file("%s") key-file("%s") peer-verify(required-trusted)));
            """
                .formatted(
                    certificates.path("ca.pem"),
                    certificates.path("server.pem"),
                    certificates.path("server.key"))));
  }

  private static SyslogNg started(SyslogNg server) throws IOException {
    server.start();
    return server;
  }

  @Override
  ProcessBuilder command() throws IOException {
    return programs.command(
        "usr/sbin/syslog-ng",
        "--foreground",
        "--stderr",
        "--no-caps",
        "--cfgfile=" + folder.resolve("syslog-ng.conf"),
        "--persist-file=" + folder.resolve("persist"),
        "--pidfile=" + folder.resolve("pid"),
        "--control=" + folder.resolve("control"),
        "--module-path=" + programs.find("libafsocket.so").getParent());
  }

  @Override
  boolean isReady() throws IOException {
    return Ports.isOpen(protocol, port);
  }
}
