package dev.custos.controller.identity;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key, and the certificates that vouch for it, the key's own first.
 *
 * @param chain never empty
 */
record KeyMaterial(PrivateKey key, List<X509Certificate> chain) {
  private static final byte[] PROBE = "custos".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  KeyMaterial {
    chain = List.copyOf(chain);
  }

  X509Certificate certificate() {
    return chain.get(0);
  }

  /** Whether the key is the certificate's. Found out by trying: keys hide what they are made of. */
  boolean belongsTogether() {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(certificate().getPublicKey());
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "key of certificate " + certificate().getSerialNumber().toString(16);
  }
}
