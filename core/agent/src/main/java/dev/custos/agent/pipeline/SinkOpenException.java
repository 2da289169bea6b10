package dev.custos.agent.pipeline;

/** A sink that can't be had; the message begins with its name. */
public final class SinkOpenException extends Exception {
  private final String sink;

  SinkOpenException(String sink, String reason, Throwable cause) {
    super("sink " + sink + " can't be opened: " + reason, cause);
    this.sink = sink;
  }

  public String sink() {
    return sink;
  }
}
