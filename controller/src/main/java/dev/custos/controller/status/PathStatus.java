package dev.custos.controller.status;

/**
 * How a path stands.
 *
 * @param reason why it is not active; bounded, and empty if it is active
 */
public record PathStatus(PathState state, String reason) {
  /** Where a path stands. */
  public enum PathState {
    ACTIVE,
    PENDING,
    FAILED
  }

  // One for all: most paths are, and there are as many as containers times subjects.
  private static final PathStatus IS_ACTIVE = new PathStatus(PathState.ACTIVE, "");

  public static PathStatus of(PathState state, String reason) {
    return state == PathState.ACTIVE ? IS_ACTIVE : new PathStatus(state, reason);
  }

  static PathStatus pending(String reason) {
    return new PathStatus(PathState.PENDING, reason);
  }

  static PathStatus failed(String reason) {
    return new PathStatus(PathState.FAILED, reason);
  }

  boolean isActive() {
    return state == PathState.ACTIVE;
  }
}
