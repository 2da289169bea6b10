package dev.custos.spi;

/**
 * Whether something works here, found out by trying it.
 *
 * @param reason why it does not work, or what is missing of it; empty if all is well
 */
public record Availability(boolean available, String reason) {
  public static Availability yes() {
    return new Availability(true, "");
  }

  /** It works, but not all of it; {@code reason} says what is left out. */
  public static Availability yesBut(String reason) {
    return new Availability(true, reason);
  }

  public static Availability no(String reason) {
    return new Availability(false, reason);
  }
}
