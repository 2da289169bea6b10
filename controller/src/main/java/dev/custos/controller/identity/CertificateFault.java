package dev.custos.controller.identity;

/** What is wrong with a certificate or a key, where it is, and how to put it right. */
public final class CertificateFault extends Exception {
  private static final long serialVersionUID = 1;

  CertificateFault(String message) {
    super(message);
  }

  CertificateFault(String message, Throwable cause) {
    super(message, cause);
  }
}
