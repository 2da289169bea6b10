package dev.custos.sinks.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Answers each client with the subject of the certificate that it showed. */
final class TlsServer implements AutoCloseable {
  private final SSLServerSocket socket;

  TlsServer(Certificates certificates, String name) throws Exception {
    this(certificates, name, certificates);
  }

  /** A server whose clients come from another authority than it does itself. */
  TlsServer(Certificates certificates, String name, Certificates clients) throws Exception {
    char[] password = {};
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    X509Certificate[] chain =
        PemFile.read(certificates.path(name + ".pem"))
            .certificates()
            .toArray(X509Certificate[]::new);
    store.setKeyEntry(
        "server", PemFile.read(certificates.path(name + ".key")).privateKey(), password, chain);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", PemFile.read(clients.path("ca.pem")).certificates().get(0));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, password);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    socket =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    socket.setWantClientAuth(true);
    Thread thread = new Thread(this::serve, "TLS server");
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (SSLSocket client = (SSLSocket) socket.accept()) {
        client.setSoTimeout(30_000);
        client.startHandshake();
        byte[] answer = (subject(client) + "\n").getBytes(UTF_8);
        client.getOutputStream().write(answer);
      } catch (IOException e) {
        // A client that found this server wanting, or the end of the test.
      }
    }
  }

  private static String subject(SSLSocket client) {
    try {
      X509Certificate shown = (X509Certificate) client.getSession().getPeerCertificates()[0];
      return client.getSession().getProtocol() + " " + shown.getSubjectX500Principal().getName();
    } catch (SSLPeerUnverifiedException e) {
      return client.getSession().getProtocol() + " nobody";
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
