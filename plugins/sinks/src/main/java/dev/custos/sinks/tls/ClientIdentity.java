package dev.custos.sinks.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/** A client's certificate with its chain, and the key that belongs to it. */
record ClientIdentity(List<X509Certificate> chain, PrivateKey key) {
  static ClientIdentity of(PemFile certificate, PemFile key) throws PemException {
    List<X509Certificate> chain = certificate.certificates();
    PrivateKey privateKey = key.privateKey();
    if (!belongs(chain.get(0).getPublicKey(), privateKey)) {
      throw new PemException(
          PemFile.shown(key.path())
              + " is not the key of the first certificate in "
              + PemFile.shown(certificate.path()),
          null);
    }
    return new ClientIdentity(chain, privateKey);
  }

  /** Finds out by trying, which works for every kind of key. */
  private static boolean belongs(PublicKey publicKey, PrivateKey privateKey) {
    String algorithm =
        switch (privateKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> privateKey.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(privateKey);
      signature.update(new byte[] {1});
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(new byte[] {1});
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
