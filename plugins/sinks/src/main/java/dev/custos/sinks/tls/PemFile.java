package dev.custos.sinks.tls;

import dev.custos.spi.event.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bytes of one PEM file, and what can be read from them. Text between blocks is left out. */
final class PemFile {
  private static final int LARGEST = 1 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \\1-----");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  /** A block's label, and the base64 text between its lines. */
  private record Block(String label, String base64) {}

  private final Path path;
  private final byte[] content;

  private PemFile(Path path, byte[] content) {
    this.path = path;
    this.content = content;
  }

  static PemFile read(Path path) throws PemException {
    try {
      // A pipe or a device would be waited for, or have no end.
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        throw new PemException(shown(path) + " is no regular file", null);
      }
      try (InputStream in = Files.newInputStream(path)) {
        byte[] content = in.readNBytes(LARGEST + 1);
        if (content.length > LARGEST) {
          throw new PemException(shown(path) + " is larger than 1 MiB, so it is no PEM file", null);
        }
        return new PemFile(path, content);
      }
    } catch (AccessDeniedException e) {
      throw new PemException(shown(path) + " can't be read: permission denied", e);
    } catch (IOException e) {
      String why = Files.exists(path) ? "can't be read: " + e.getMessage() : "does not exist";
      throw new PemException(shown(path) + " " + why, e);
    }
  }

  Path path() {
    return path;
  }

  /** Not a copy, and not to be changed. */
  byte[] content() {
    return content;
  }

  /** All certificates, in their order; at least one. */
  List<X509Certificate> certificates() throws PemException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks()) {
      if (block.label().equals("CERTIFICATE")) {
        certificates.add(certificate(decode(block)));
      }
    }
    if (certificates.isEmpty()) {
      throw new PemException(
          shown(path)
              + " holds no certificate in PEM; if it is in DER, convert it:"
              + " openssl x509 -inform DER -in FILE -out FILE.pem",
          null);
    }
    return certificates;
  }

  private X509Certificate certificate(byte[] der) throws PemException {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new PemException(shown(path) + " holds a certificate that can't be read", e);
    }
  }

  /** The one private key. */
  PrivateKey privateKey() throws PemException {
    for (Block block : blocks()) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return privateKey(decode(block));
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new PemException(
                shown(path)
                    + " holds a key under a passphrase; store it without, readable for the agent"
                    + " alone: openssl pkcs8 -topk8 -nocrypt -in FILE -out NEWFILE",
                null);
        case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
            throw new PemException(
                shown(path)
                    + " holds a key that is not in PKCS#8; convert it:"
                    + " openssl pkcs8 -topk8 -nocrypt -in FILE -out NEWFILE",
                null);
        default -> {}
      }
    }
    throw new PemException(shown(path) + " holds no private key in PEM (PKCS#8)", null);
  }

  private PrivateKey privateKey(byte[] der) throws PemException {
    GeneralSecurityException last = null;
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw new PemException(
        shown(path) + " holds a key that is none of " + String.join(", ", KEY_ALGORITHMS), last);
  }

  private List<Block> blocks() {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2).strip()));
    }
    return blocks;
  }

  private byte[] decode(Block block) throws PemException {
    try {
      return Base64.getMimeDecoder().decode(block.base64());
    } catch (IllegalArgumentException e) {
      throw new PemException(shown(path) + " holds a block that is not base64", e);
    }
  }

  static String shown(Path path) {
    return Printable.escape(path.toString());
  }
}
