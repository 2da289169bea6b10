package dev.custos.controller.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates (RFC 5280) over keys on the curve P-256. */
final class CertificateIssuer {
  static final Duration AUTHORITY_LASTS = Duration.ofDays(3650);
  static final Duration SERVER_LASTS = Duration.ofDays(90);

  // An agent whose clock is behind must not take a new certificate for one of the future.
  private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  private CertificateIssuer() {}

  /** A key that certificates can be signed with, vouched for by itself. */
  static KeyMaterial authority(Instant now) {
    KeyPair pair = newKey();
    // With its birth in the name: agents trust old and new for a while, and must tell them apart.
    X500Name name = new X500Name("CN=custos-controller-ca " + now.getEpochSecond());
    X509v3CertificateBuilder builder =
        builder(name, name, now, now.plus(AUTHORITY_LASTS), pair.getPublic());
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      return new KeyMaterial(pair.getPrivate(), List.of(sign(builder, pair)));
    } catch (GeneralSecurityException | CertIOException e) {
      throw new IllegalStateException("every JDK can make a certificate", e);
    }
  }

  /**
   * A key for a server.
   *
   * @param names DNS names and IP addresses that agents may know it by
   */
  static KeyMaterial server(KeyMaterial authority, List<String> names, Instant now) {
    KeyPair pair = newKey();
    X509Certificate issuer = authority.certificate();
    Instant end = now.plus(SERVER_LASTS);
    Instant last = issuer.getNotAfter().toInstant();
    X509v3CertificateBuilder builder =
        builder(
            subject(issuer),
            new X500Name("CN=custos-controller"),
            now,
            end.isBefore(last) ? end : last,
            pair.getPublic());
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer))
          .addExtension(
              Extension.subjectAlternativeName,
              false,
              new GeneralNames(
                  names.stream().map(CertificateIssuer::name).toArray(GeneralName[]::new)));
      return new KeyMaterial(
          pair.getPrivate(),
          List.of(sign(builder, new KeyPair(issuer.getPublicKey(), authority.key()))));
    } catch (GeneralSecurityException | CertIOException e) {
      throw new IllegalStateException("every JDK can make a certificate", e);
    }
  }

  private static X500Name subject(X509Certificate certificate) {
    try {
      return new JcaX509CertificateHolder(certificate).getSubject();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read", e);
    }
  }

  private static GeneralName name(String name) {
    return new GeneralName(
        ServerNames.isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, Instant now, Instant end, PublicKey key) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(159, RANDOM).setBit(158),
        Date.from(now.minus(CLOCKS_DIFFER)),
        Date.from(end),
        subject,
        key);
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair issuer)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK knows P-256", e);
    }
  }
}
