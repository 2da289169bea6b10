package dev.custos.controller.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A key and a certificate that somebody else keeps in files: a Secret that is mounted, say. */
final class CertificateFiles implements CertificateSource {
  private static final long LARGEST = 1 << 20;

  private final Path certificate;
  private final Path key;

  CertificateFiles(Path certificate, Path key) {
    this.certificate = certificate;
    this.key = key;
  }

  @Override
  public KeyMaterial read() throws CertificateFault {
    KeyMaterial read =
        new KeyMaterial(
            Pem.key(text(key, "--tls-key"), "--tls-key " + key),
            Pem.certificates(text(certificate, "--tls-cert"), "--tls-cert " + certificate));
    if (!read.belongsTogether()) {
      // Also for the moment between two writes of a tool that does not replace both at once.
      throw new CertificateFault(
          "--tls-key "
              + key
              + ": is not the key of the certificate in "
              + certificate
              + "; give both files of one pair");
    }
    return read;
  }

  /**
   * A file's text.
   *
   * @param option named in errors
   */
  static String text(Path file, String option) throws CertificateFault {
    try {
      if (Files.size(file) > LARGEST) {
        throw new CertificateFault(option + " " + file + ": is too large for certificates");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CertificateFault(
          option + " " + file + ": " + (Files.exists(file) ? "can't be read" : "is not there"), e);
    }
  }
}
