package dev.custos.sinks.syslog;

import dev.custos.sinks.config.Options;
import dev.custos.sinks.connect.Address;
import dev.custos.sinks.connect.Connector;
import dev.custos.sinks.tls.ClientTls;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.pf4j.Extension;

/**
 * Makes sinks of type {@code syslog}: an event is a message to a syslog server. The keys are in
 * this plugin's {@code reference.conf}.
 */
@Extension
public final class SyslogSinkProvider implements SinkProvider {
  @Override
  public String name() {
    return "syslog";
  }

  @Override
  public Sink open(SinkContext context) throws SinkException {
    Options options = new Options(context);
    SyslogSettings settings = SyslogSettings.read(options);
    MessageFormat format = settings.messageFormat();
    String shown = settings.transport().word() + " ";
    if (settings.address().isEmpty()) {
      Datagrams datagrams = new LocalDatagrams(settings.path());
      return new DatagramSink(shown + settings.path(), datagrams, format, settings.writeTimeout());
    }
    Address address = settings.address().get();
    Options tls = options.section("tls");
    // Read in any case, so that a fault in it is not found the day somebody turns TLS on.
    ClientTls clientTls = ClientTls.open(tls, "server-name");
    Optional<Supplier<SSLEngine>> engines =
        settings.transport().isEncrypted()
            ? Optional.of(engines(clientTls, address, tls.text("server-name")))
            : Optional.empty();
    Connector connector = new Connector(address, engines, settings.connectTimeout());
    Peer peer = new Peer(shown + address, connector);
    return switch (settings.transport()) {
      case UDP ->
          new DatagramSink(
              peer.shown(), new UdpDatagrams(connector), format, settings.writeTimeout());
      case TCP, TLS ->
          new StreamSink(
              peer,
              settings.transport().isEncrypted(),
              format,
              settings.framing(),
              settings.writeTimeout(),
              new ResendWindow(settings.resendSize(), settings.resendAge().toNanos()));
      case RELP, RELP_TLS ->
          new RelpSink(peer, format, settings.writeTimeout(), settings.relpWindow());
      case LOCAL -> throw new IllegalStateException("a local socket has no address");
    };
  }

  private static Supplier<SSLEngine> engines(ClientTls tls, Address address, String serverName) {
    String name = serverName.isEmpty() ? address.host() : serverName;
    return () -> {
      SSLEngine engine = tls.context().createSSLEngine(name, address.port());
      engine.setUseClientMode(true);
      engine.setSSLParameters(tls.parameters());
      return engine;
    };
  }
}
