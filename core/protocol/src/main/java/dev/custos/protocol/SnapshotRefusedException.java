package dev.custos.protocol;

/** A snapshot that must not be used, nor any part of it. The message names the field. */
public final class SnapshotRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  SnapshotRefusedException(String field, String fault) {
    super(field + ": " + fault);
  }
}
