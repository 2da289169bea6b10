package dev.custos.sinks.connect;

import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/** Makes connections to one server, at whichever of its addresses answers first. */
public final class Connector {
  private final Address address;
  private final Optional<Supplier<SSLEngine>> engines;
  private final Duration timeout;
  private final Resolver resolver;

  /**
   * Makes it.
   *
   * @param engines a new client's engine for each connection, for TLS
   * @param timeout for looking up the name, and again for connecting to each address, the handshake
   *     included
   */
  public Connector(Address address, Optional<Supplier<SSLEngine>> engines, Duration timeout) {
    this.address = address;
    this.engines = engines;
    this.timeout = timeout;
    this.resolver = new Resolver(address.host());
  }

  public Address address() {
    return address;
  }

  /** All addresses of the server, in the order in which they are to be tried; at least one. */
  public List<InetSocketAddress> addresses() throws IOException {
    return resolver.resolve(Deadline.in(timeout)).stream()
        .map(found -> new InetSocketAddress(found, address.port()))
        .toList();
  }

  /**
   * Connects, trying one address after the other.
   *
   * @throws IOException whose message says what each address answered
   */
  public Connection connect() throws IOException {
    List<String> answers = new ArrayList<>();
    IOException last = null;
    for (InetSocketAddress candidate : addresses()) {
      try {
        return connect(candidate);
      } catch (SocketTimeoutException e) {
        answers.add(
            candidate.getAddress().getHostAddress()
                + ": no answer within "
                + timeout.toMillis()
                + " ms");
        last = e;
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        answers.add(candidate.getAddress().getHostAddress() + ": " + reason(e));
        last = e;
      }
    }
    throw new IOException(String.join("; ", answers), last);
  }

  private Connection connect(InetSocketAddress candidate) throws IOException {
    Deadline deadline = Deadline.in(timeout);
    PlainConnection plain = PlainConnection.open(candidate, deadline);
    return engines.isPresent() ? TlsConnection.open(plain, engines.get().get(), deadline) : plain;
  }

  /**
   * What a failure says in a few words; escaped, for a peer's certificate may have a part in it.
   */
  public static String reason(IOException e) {
    if (e instanceof ConnectException && e.getMessage() == null) {
      return "connection refused";
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : Printable.escape(message);
  }
}
