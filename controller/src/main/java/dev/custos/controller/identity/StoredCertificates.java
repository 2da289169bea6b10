package dev.custos.controller.identity;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The controller's own authority and its server's certificate, as a Secret holds them. Pure.
 *
 * @param authority what new certificates are signed with
 * @param trusted what agents are to trust: the authority's certificate first, and those of earlier
 *     ones that have not expired
 * @param server what the server shows; may still be signed by an earlier authority
 */
record StoredCertificates(
    KeyMaterial authority, List<X509Certificate> trusted, KeyMaterial server) {
  static final String SERVER_CERTIFICATE = "tls.crt";
  static final String SERVER_KEY = "tls.key";
  static final String TRUSTED = "ca.crt";
  static final String AUTHORITY_KEY = "ca.key";

  private static final Duration AUTHORITY_RENEWED = Duration.ofDays(730);
  private static final Duration SERVER_RENEWED = Duration.ofDays(30);

  StoredCertificates {
    trusted = List.copyOf(trusted);
  }

  static StoredCertificates make(List<String> names, Instant now) {
    KeyMaterial authority = CertificateIssuer.authority(now);
    return new StoredCertificates(
        authority, authority.chain(), CertificateIssuer.server(authority, names, now));
  }

  /** Reads a Secret's data. */
  static StoredCertificates read(Map<String, String> data, String where) throws CertificateFault {
    List<X509Certificate> trusted =
        Pem.certificates(text(data, TRUSTED, where), where + " " + TRUSTED);
    KeyMaterial authority =
        new KeyMaterial(
            Pem.key(text(data, AUTHORITY_KEY, where), where + " " + AUTHORITY_KEY),
            trusted.subList(0, 1));
    KeyMaterial server =
        new KeyMaterial(
            Pem.key(text(data, SERVER_KEY, where), where + " " + SERVER_KEY),
            Pem.certificates(
                text(data, SERVER_CERTIFICATE, where), where + " " + SERVER_CERTIFICATE));
    if (!authority.belongsTogether()) {
      throw broken(where + " " + AUTHORITY_KEY + ": is not the key of the first of " + TRUSTED);
    }
    if (!server.belongsTogether()) {
      throw broken(where + " " + SERVER_KEY + ": is not the key of " + SERVER_CERTIFICATE);
    }
    return new StoredCertificates(authority, trusted, server);
  }

  private static String text(Map<String, String> data, String key, String where)
      throws CertificateFault {
    String encoded = data == null ? null : data.get(key);
    if (encoded == null) {
      throw broken(where + " " + key + ": is missing");
    }
    try {
      return new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.ISO_8859_1);
    } catch (IllegalArgumentException e) {
      throw broken(where + " " + key + ": is not base64");
    }
  }

  private static CertificateFault broken(String what) {
    return new CertificateFault(
        what + "; delete the Secret to have a new one made, or give files with --tls-cert");
  }

  /** For a Secret's data. */
  Map<String, String> data() {
    Map<String, String> data = new HashMap<>();
    data.put(TRUSTED, encoded(trustedText()));
    data.put(AUTHORITY_KEY, encoded(Pem.of(authority.key())));
    data.put(SERVER_CERTIFICATE, encoded(Pem.of(server.chain())));
    data.put(SERVER_KEY, encoded(Pem.of(server.key())));
    return data;
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  String trustedText() {
    return Pem.of(trusted);
  }

  /**
   * The same, or what is to be stored instead. Never both steps at once: agents hear of a new
   * authority well before they meet a certificate that it signed.
   */
  StoredCertificates renewed(List<String> names, Instant now) {
    if (endsWithin(authority.certificate(), Duration.ZERO, now)) {
      return make(names, now);
    }
    if (endsWithin(server.certificate(), SERVER_RENEWED, now)
        || !ServerNames.coveredBy(server.certificate(), names)) {
      return new StoredCertificates(
          authority, trusted, CertificateIssuer.server(authority, names, now));
    }
    if (endsWithin(authority.certificate(), AUTHORITY_RENEWED, now)) {
      KeyMaterial next = CertificateIssuer.authority(now);
      List<X509Certificate> both = new ArrayList<>(next.chain());
      trusted.stream().filter(c -> !endsWithin(c, Duration.ZERO, now)).forEach(both::add);
      return new StoredCertificates(next, both, server);
    }
    return this;
  }

  private static boolean endsWithin(X509Certificate certificate, Duration time, Instant now) {
    return certificate.getNotAfter().toInstant().isBefore(now.plus(time));
  }
}
