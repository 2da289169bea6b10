package dev.custos.spi.sink;

/** A sink that does not work, now or for good. */
public final class SinkException extends Exception {
  private final boolean permanent;

  private SinkException(String message, Throwable cause, boolean permanent) {
    super(message, cause);
    this.permanent = permanent;
  }

  /** Trying again may help: the peer is down, the disk is full. */
  public static SinkException temporary(String message, Throwable cause) {
    return new SinkException(message, cause, false);
  }

  /** Trying again will never help: the configuration is wrong, the reader of a pipe is gone. */
  public static SinkException permanent(String message, Throwable cause) {
    return new SinkException(message, cause, true);
  }

  public boolean isPermanent() {
    return permanent;
  }
}
