package dev.custos.sinks.tls;

import dev.custos.sinks.config.Options;
import dev.custos.spi.sink.SinkException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The client's side of TLS as a {@code tls} section of the configuration asks for it:
 *
 * <ul>
 *   <li>{@code ca}: a PEM file of the certificates that are trusted; empty for the JDK's own
 *   <li>{@code certificate}, {@code key}: PEM files of the client's certificate, its chain after
 *       it, and its key in PKCS#8; both or none
 *   <li>{@code verify}: {@code full}, or {@code chain} to accept a server by any name
 *   <li>{@code min-version}: {@code TLSv1.2} or {@code TLSv1.3}
 * </ul>
 *
 * <p>The files are read at the start, where a fault is an error, and again at each handshake.
 */
public final class ClientTls {
  private static final String[] KEYS = {"ca", "certificate", "key", "verify", "min-version"};

  private final SSLContext context;
  private final boolean checksNames;
  private final String[] protocols;

  private ClientTls(SSLContext context, boolean checksNames, String[] protocols) {
    this.context = context;
    this.checksNames = checksNames;
    this.protocols = protocols;
  }

  /**
   * Reads a section and the files that it names.
   *
   * @param section the {@code tls} section, defaults included
   * @param otherKeys what else the sink itself reads from the section
   */
  public static ClientTls open(Options section, String... otherKeys) throws SinkException {
    section.allow(Stream.of(KEYS, otherKeys).flatMap(Stream::of).toArray(String[]::new));
    boolean checksNames = section.word("verify", "full", "chain").equals("full");
    boolean old = section.word("min-version", "TLSv1.2", "TLSv1.3").equals("TLSv1.2");
    String[] protocols = old ? new String[] {"TLSv1.3", "TLSv1.2"} : new String[] {"TLSv1.3"};
    TrustManager trust = new ReloadingTrustManager(trust(section), checksNames);
    Optional<KeyManager> identity = identity(section);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(identity.stream().toArray(KeyManager[]::new), new TrustManager[] {trust}, null);
      // A session that is resumed asks neither for trust nor for a certificate, so it would not
      // hear of changed files. 0 would be no limit; a second is the least. Seconds.
      context.getClientSessionContext().setSessionTimeout(1);
      return new ClientTls(context, checksNames, protocols);
    } catch (GeneralSecurityException e) {
      throw SinkException.permanent("sink " + section.sink() + ": TLS: " + e.getMessage(), e);
    }
  }

  /**
   * One and the same for the sink's whole life, for engines, sockets and {@code HttpClient}. After
   * a call, no session of before is resumed: whoever asks for each connection gets what the files
   * say at that moment, others what they said up to a second ago.
   */
  public SSLContext context() {
    SSLSessionContext sessions = context.getClientSessionContext();
    for (byte[] id : Collections.list(sessions.getIds())) {
      SSLSession session = sessions.getSession(id);
      if (session != null) {
        session.invalidate();
      }
    }
    return context;
  }

  /** To be set on each socket, engine or {@code HttpClient}: protocols, and the check of names. */
  public SSLParameters parameters() {
    SSLParameters parameters = context.getDefaultSSLParameters();
    parameters.setProtocols(protocols.clone());
    if (checksNames) {
      // RFC 2818; the rules of RFC 5425, section 5.2, are the same for DNS names and addresses.
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return parameters;
  }

  private static Supplier<X509ExtendedTrustManager> trust(Options section) throws SinkException {
    Optional<Path> ca = section.file("ca");
    try {
      if (ca.isEmpty()) {
        X509ExtendedTrustManager own = trustManager(null);
        return () -> own;
      }
      return new Reloaded<>(
              "sink " + section.sink(),
              List.of(ca.get()),
              files -> trustManager(files.get(0).certificates()))
          ::get;
    } catch (PemException e) {
      throw section.wrong("ca", e.getMessage());
    }
  }

  /** Null for the JDK's own certificates. */
  private static X509ExtendedTrustManager trustManager(List<X509Certificate> trusted)
      throws PemException {
    try {
      KeyStore store = null;
      if (trusted != null) {
        store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (X509Certificate certificate : trusted) {
          store.setCertificateEntry("ca-" + store.size(), certificate);
        }
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager found) {
          return found;
        }
      }
      throw new PemException("this JDK has no trust manager for certificates", null);
    } catch (GeneralSecurityException | IOException e) {
      throw new PemException("the trusted certificates can't be used: " + e.getMessage(), e);
    }
  }

  private static Optional<KeyManager> identity(Options section) throws SinkException {
    Optional<Path> certificate = section.file("certificate");
    Optional<Path> key = section.file("key");
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      String missing = certificate.isEmpty() ? "certificate" : "key";
      throw section.wrong(missing, "certificate and key go together, and this one is missing");
    }
    try {
      return Optional.of(
          new ReloadingKeyManager(
              new Reloaded<>(
                  "sink " + section.sink(),
                  List.of(certificate.get(), key.get()),
                  files -> ClientIdentity.of(files.get(0), files.get(1)))));
    } catch (PemException e) {
      throw section.wrong("certificate", e.getMessage());
    }
  }
}
