package dev.custos.agent.link;

/** A stored snapshot that must not be used. The message names the file and says why. */
public final class UnusableSnapshotException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableSnapshotException(String message, Throwable cause) {
    super(message, cause);
  }
}
