package dev.custos.manifest;

import java.util.List;

/** The words that {@code events} of a guard may hold. */
public final class GuardEvents {
  public static final String OPEN = "open";
  public static final String ACCESS = "access";

  /** When a file is opened to be executed; {@link #ALL} does not hold it. */
  public static final String EXECUTE = "execute";

  /** {@link #OPEN} and {@link #ACCESS}. */
  public static final String ALL = "all";

  private static final List<String> WORDS = List.of(ACCESS, OPEN, EXECUTE, ALL);

  private GuardEvents() {}

  /** Every word behind which a permission event stands, in a stable order. */
  public static List<String> words() {
    return WORDS;
  }
}
