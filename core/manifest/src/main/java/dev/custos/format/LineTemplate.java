package dev.custos.format;

import java.util.List;

/**
 * A line's template, in the notation of the fmt library: text with specifiers in braces, braces
 * themselves doubled, and fmt's string format after a colon ({@code {event:<14}}, {@code
 * {path:.20}}, {@code {tags:*^30}}).
 *
 * <p>Everything that can be wrong is found when it is parsed. Whatever the template's text holds,
 * the line that comes out of it has neither a line end nor a control character from it: those are
 * escaped as in {@link SafeText}. Immutable; threads may share it.
 *
 * @see <a href="https://fmt.dev/latest/syntax/">fmt: format string syntax</a>
 */
public final class LineTemplate {
  /** A watcher's default template. */
  public static final String DEFAULT_WATCH = TemplateKind.WATCH.defaultText();

  /** A guard's default template. */
  public static final String DEFAULT_GUARD = TemplateKind.GUARD.defaultText();

  /** The longest template, in UTF-16 units. */
  public static final int MAX_LENGTH = 8192;

  private final String text;
  private final TemplateKind kind;
  // Parallel arrays rather than a list of parts: one loop without a virtual call but the values'.
  private final byte[][] literals; // literals[i] stands before specifiers[i]; one more at the end
  private final Specifier[] specifiers;
  private final Layout[] layouts; // null where the value goes out as it is

  LineTemplate(
      String text,
      TemplateKind kind,
      List<byte[]> literals,
      List<Specifier> specifiers,
      List<Layout> layouts) {
    this.text = text;
    this.kind = kind;
    this.literals = literals.toArray(byte[][]::new);
    this.specifiers = specifiers.toArray(Specifier[]::new);
    this.layouts = layouts.toArray(Layout[]::new);
  }

  /**
   * Parses a template.
   *
   * @throws TemplateException if it is malformed or names a specifier that {@code kind} does not
   *     have
   */
  public static LineTemplate parse(String template, TemplateKind kind) throws TemplateException {
    return new TemplateParser(template, kind).parse();
  }

  /** Appends one event's line, without a line end. */
  public void render(Values values, LineBuffer out) {
    for (int i = 0; i < specifiers.length; i++) {
      out.append(literals[i]);
      Layout layout = layouts[i];
      if (layout == null) {
        values.append(specifiers[i], out);
      } else {
        int start = out.length();
        values.append(specifiers[i], out);
        layout.apply(out, start);
      }
    }
    out.append(literals[specifiers.length]);
  }

  /** The template as it was written. */
  public String text() {
    return text;
  }

  public TemplateKind kind() {
    return kind;
  }

  /** The specifiers in the order in which they stand, repeats included. */
  public List<Specifier> specifiers() {
    return List.of(specifiers);
  }

  @Override
  public String toString() {
    return text;
  }
}
