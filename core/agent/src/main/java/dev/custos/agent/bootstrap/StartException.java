package dev.custos.agent.bootstrap;

import java.util.List;

/** The agent can't start. The messages alone say what is wrong, and where. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // immutable, and nobody serializes it
  private final List<String> messages;

  private final boolean wrongInput;

  private StartException(List<String> messages, Throwable cause, boolean wrongInput) {
    super(String.join("; ", messages), cause);
    this.messages = List.copyOf(messages);
    this.wrongInput = wrongInput;
  }

  /** What the user wrote is wrong. */
  public static StartException wrongInput(String message, Throwable cause) {
    return new StartException(List.of(message), cause, true);
  }

  /** What the user wrote is wrong in several places. */
  public static StartException wrongInput(List<String> messages) {
    return new StartException(messages, null, true);
  }

  /** It could not run here, now. */
  public static StartException cannotRun(String message, Throwable cause) {
    return new StartException(List.of(message), cause, false);
  }

  /** A line for each thing that is wrong. */
  public List<String> messages() {
    return messages;
  }

  public boolean isWrongInput() {
    return wrongInput;
  }
}
