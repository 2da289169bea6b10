package dev.custos.sinks.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks whatever is in force at the moment of a handshake. */
final class ReloadingTrustManager extends X509ExtendedTrustManager {
  private final Supplier<X509ExtendedTrustManager> current;
  private final boolean checksNames;

  /**
   * Makes it.
   *
   * @param checksNames false if any certificate below a trusted one will do, whoever it was given
   *     to. The JDK's manager checks the name if it is handed the socket or engine, and not if it
   *     isn't: this way it also holds for clients that ask for the check on their own
   */
  ReloadingTrustManager(Supplier<X509ExtendedTrustManager> current, boolean checksNames) {
    this.current = current;
    this.checksNames = checksNames;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    if (checksNames) {
      current.get().checkServerTrusted(chain, authType, socket);
    } else {
      current.get().checkServerTrusted(chain, authType);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    if (checksNames) {
      current.get().checkServerTrusted(chain, authType, engine);
    } else {
      current.get().checkServerTrusted(chain, authType);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    current.get().checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return current.get().getAcceptedIssuers();
  }

  private static CertificateException noServer() {
    return new CertificateException("this context is for clients only");
  }
}
