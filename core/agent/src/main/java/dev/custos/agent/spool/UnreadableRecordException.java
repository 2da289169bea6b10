package dev.custos.agent.spool;

/** A record that is whole but can't be understood: of another version, or damaged by a fault. */
public final class UnreadableRecordException extends Exception {
  UnreadableRecordException(String reason) {
    super(reason);
  }
}
