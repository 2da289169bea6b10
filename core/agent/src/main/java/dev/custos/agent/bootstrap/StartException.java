package dev.custos.agent.bootstrap;

/** The agent can't start. The message alone says what is wrong, and where. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean wrongInput;

  private StartException(String message, Throwable cause, boolean wrongInput) {
    super(message, cause);
    this.wrongInput = wrongInput;
  }

  /** What the user wrote is wrong. */
  public static StartException wrongInput(String message, Throwable cause) {
    return new StartException(message, cause, true);
  }

  /** It could not run here, now. */
  public static StartException cannotRun(String message, Throwable cause) {
    return new StartException(message, cause, false);
  }

  public boolean isWrongInput() {
    return wrongInput;
  }
}
