package dev.custos.format;

/**
 * A template that can't be used. The message says what is wrong and, where it can, what to write.
 */
public final class TemplateException extends Exception {
  private static final long serialVersionUID = 1;

  private final int column;

  TemplateException(int column, String message) {
    super(message);
    this.column = column;
  }

  /** Where the fault is: 1 is the template's first character (Unicode code point). */
  public int column() {
    return column;
  }
}
