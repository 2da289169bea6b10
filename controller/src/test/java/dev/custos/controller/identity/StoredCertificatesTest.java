package dev.custos.controller.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoredCertificatesTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final List<String> NAMES =
      ServerNames.of("custos", List.of("controller.example", "10.0.0.1", "fd00::1"));

  private final StoredCertificates made = StoredCertificates.make(NAMES, START);

  private static Instant after(int days) {
    return START.plus(Duration.ofDays(days));
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate authority) {
    try {
      certificate.verify(authority.getPublicKey());
      return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
    } catch (java.security.GeneralSecurityException e) {
      return false;
    }
  }

  @Test
  void theServersCertificateIsForTheServicesNamesOverP256AndNoAuthority() throws Exception {
    X509Certificate server = made.server().certificate();
    assertThat(server.getSubjectAlternativeNames().stream().map(n -> n.get(1).toString()))
        .contains(
            "custos-controller",
            "custos-controller.custos",
            "custos-controller.custos.svc",
            "custos-controller.custos.svc.cluster.local",
            "controller.example",
            "10.0.0.1");
    assertThat(ServerNames.coveredBy(server, NAMES)).isTrue();
    assertThat(
            ((ECPublicKey) server.getPublicKey()).getParams().getCurve().getField().getFieldSize())
        .isEqualTo(256);
    assertThat(server.getBasicConstraints()).isEqualTo(-1);
    assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(isSignedBy(server, made.authority().certificate())).isTrue();
    assertThat(made.authority().certificate().getBasicConstraints()).isZero();
  }

  @Test
  void whatIsStoredIsReadAgain() throws Exception {
    StoredCertificates read = StoredCertificates.read(made.data(), "Secret x/y");
    assertThat(read).isEqualTo(made);
    assertThat(read.renewed(NAMES, after(30))).isEqualTo(made);
  }

  @Test
  void theServersCertificateIsRenewedBeforeItEndsAndTheAuthorityStays() {
    StoredCertificates renewed = made.renewed(NAMES, after(61));
    assertThat(renewed.server()).isNotEqualTo(made.server());
    assertThat(renewed.trusted()).isEqualTo(made.trusted());
    assertThat(renewed.server().certificate().getNotAfter().toInstant()).isEqualTo(after(61 + 90));
    assertThat(renewed.renewed(NAMES, after(62))).isEqualTo(renewed);
  }

  @Test
  void anotherNameHasItRenewedAndOneLessDoesNot() {
    StoredCertificates more = made.renewed(ServerNames.of("custos", List.of("new")), START);
    assertThat(more.server()).isNotEqualTo(made.server());
    assertThat(made.renewed(ServerNames.of("custos", List.of()), START)).isEqualTo(made);
  }

  /** Whoever trusts the old authority alone must not meet a certificate of the new one. */
  @Test
  void aNewAuthorityIsTrustedLongBeforeItSignsAnything() {
    int due = 3650 - 729;
    StoredCertificates young = made.renewed(NAMES, after(due - 10));
    StoredCertificates next = young.renewed(NAMES, after(due));
    assertThat(next.server()).isEqualTo(young.server());
    assertThat(next.trusted()).hasSize(2).containsAll(young.trusted());
    assertThat(next.trusted().get(0)).isEqualTo(next.authority().certificate());
    assertThat(isSignedBy(next.server().certificate(), young.authority().certificate())).isTrue();
    StoredCertificates later = next.renewed(NAMES, after(due + 60));
    assertThat(later.trusted()).isEqualTo(next.trusted());
    assertThat(isSignedBy(later.server().certificate(), next.authority().certificate())).isTrue();
  }

  @Test
  void afterAllHasEndedAllIsMadeAnew() {
    StoredCertificates next = made.renewed(NAMES, after(3651));
    assertThat(next.trusted()).hasSize(1).doesNotContainAnyElementsOf(made.trusted());
    assertThat(isSignedBy(next.server().certificate(), next.authority().certificate())).isTrue();
  }

  @Test
  void noCertificateOutlivesItsAuthority() {
    KeyMaterial late = CertificateIssuer.server(made.authority(), NAMES, after(3650 - 10));
    assertThat(late.certificate().getNotAfter())
        .isEqualTo(made.authority().certificate().getNotAfter());
  }

  @Test
  void whatIsWrongWithASecretIsNamedWithAWayOut() {
    refused(Map.of(), "Secret x/y ca.crt: is missing; delete the Secret");
    refused(with("tls.key", null), "Secret x/y tls.key: is missing; delete the Secret");
    refused(with("tls.key", "!"), "Secret x/y tls.key: ");
    refused(
        with("tls.key", made.data().get("ca.key")),
        "Secret x/y tls.key: is not the key of tls.crt; delete the Secret");
    refused(
        with("ca.key", made.data().get("tls.key")),
        "Secret x/y ca.key: is not the key of the first of ca.crt; delete the Secret");
  }

  private Map<String, String> with(String key, String value) {
    Map<String, String> data = new HashMap<>(made.data());
    data.remove(key);
    if (value != null) {
      data.put(key, value);
    }
    return data;
  }

  private static void refused(Map<String, String> data, String message) {
    assertThatThrownBy(() -> StoredCertificates.read(data, "Secret x/y"))
        .isInstanceOf(CertificateFault.class)
        .hasMessageStartingWith(message);
  }
}
