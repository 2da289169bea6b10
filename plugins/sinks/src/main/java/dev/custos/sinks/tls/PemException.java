package dev.custos.sinks.tls;

/** What is wrong with a PEM file, and the way out; the message names the file. */
final class PemException extends Exception {
  private static final long serialVersionUID = 1;

  PemException(String message, Throwable cause) {
    super(message, cause);
  }
}
