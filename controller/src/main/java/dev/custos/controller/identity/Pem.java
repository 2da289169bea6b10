package dev.custos.controller.identity;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/**
 * Certificates and keys as text (RFC 7468), keys also in the older forms that tools still write.
 */
final class Pem {
  private Pem() {}

  /**
   * Reads certificates.
   *
   * @param where named in errors
   */
  static List<X509Certificate> certificates(String text, String where) throws CertificateFault {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Object object : objects(text, where)) {
      if (object instanceof X509CertificateHolder holder) {
        try {
          certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
        } catch (CertificateException e) {
          throw new CertificateFault(where + ": holds a certificate that can't be read", e);
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new CertificateFault(
          where + ": holds no certificate; expected -----BEGIN CERTIFICATE-----");
    }
    return certificates;
  }

  /**
   * Reads a key.
   *
   * @param where named in errors
   */
  static PrivateKey key(String text, String where) throws CertificateFault {
    for (Object object : objects(text, where)) {
      PrivateKeyInfo info =
          object instanceof PEMKeyPair pair
              ? pair.getPrivateKeyInfo()
              : object instanceof PrivateKeyInfo bare ? bare : null;
      if (info != null) {
        try {
          return new JcaPEMKeyConverter().getPrivateKey(info);
        } catch (IOException e) {
          throw new CertificateFault(where + ": holds a private key of a kind not known here", e);
        }
      }
    }
    throw new CertificateFault(
        where + ": holds no private key without a password; expected -----BEGIN PRIVATE KEY-----");
  }

  private static List<Object> objects(String text, String where) throws CertificateFault {
    List<Object> objects = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        objects.add(object);
      }
    } catch (IOException | RuntimeException e) {
      // The parser answers some damage with faults of its own making.
      throw new CertificateFault(where + ": is damaged; expected PEM", e);
    }
    return objects;
  }

  static String of(List<X509Certificate> certificates) {
    return write(certificates);
  }

  static String of(PrivateKey key) {
    try {
      return write(List.of(new JcaPKCS8Generator(key, null)));
    } catch (IOException e) {
      throw new IllegalStateException("a key that was just made", e);
    }
  }

  private static String write(List<?> objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        writer.writeObject(object);
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return text.toString();
  }
}
