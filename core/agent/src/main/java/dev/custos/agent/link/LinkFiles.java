package dev.custos.agent.link;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** Reads what a link needs from files that somebody else writes and replaces. */
final class LinkFiles {
  private static final int LARGEST_CA = 1 << 20;

  /** What gRPC takes as a header is less. */
  private static final int LARGEST_TOKEN = 8000;

  private LinkFiles() {}

  /**
   * The certificates to trust.
   *
   * @throws IOException with a message that names the file, and how to give another
   */
  static X509Certificate[] authorities(Path file) throws IOException {
    String what = "the authority's certificate (--ca, custos.controller.ca) " + file;
    byte[] content = read(file, LARGEST_CA, what);
    try {
      X509Certificate[] certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content))
              .toArray(new X509Certificate[0]);
      if (certificates.length > 0) {
        return certificates;
      }
    } catch (CertificateException e) {
      throw new IOException(what + ": is damaged; expected PEM", e);
    }
    throw new IOException(what + ": holds no certificate; expected -----BEGIN CERTIFICATE-----");
  }

  /**
   * The token that the file holds now.
   *
   * @throws IOException with a message that names the file, and how to give another
   */
  static String token(Path file) throws IOException {
    String what = "the token (--token, custos.controller.token) " + file;
    String token = new String(read(file, LARGEST_TOKEN, what), StandardCharsets.ISO_8859_1).strip();
    // Never with what it holds in the message.
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IOException(what + ": holds no token; expected a ServiceAccount's, in one line");
    }
    return token;
  }

  private static byte[] read(Path file, int largest, String what) throws IOException {
    try (var stream = Files.newInputStream(file)) {
      byte[] content = stream.readNBytes(largest + 1);
      if (content.length <= largest) {
        return content;
      }
    } catch (IOException e) {
      throw new IOException(
          what + ": " + (Files.exists(file) ? "can't be read" : "there is no such file"), e);
    }
    throw new IOException(what + ": is larger than any");
  }
}
