package dev.custos.spi;

/**
 * The backend is dead or could not be born. Never thrown for a single path: that is a row of the
 * report. The message alone locates the fault.
 */
public final class BackendException extends Exception {
  public BackendException(String message) {
    super(message);
  }

  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
