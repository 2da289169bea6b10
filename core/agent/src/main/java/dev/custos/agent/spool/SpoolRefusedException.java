package dev.custos.agent.spool;

/** A spool's directory that must not be used as it is; trying again will not help. */
public final class SpoolRefusedException extends Exception {
  SpoolRefusedException(String message) {
    super(message);
  }
}
