package dev.custos.format;

/** One event's facts, as a template asks for them. */
@FunctionalInterface
public interface Values {
  /**
   * Appends one fact as UTF-8; nothing if the event has none. What the agent does not control (file
   * names, labels, tags) must be escaped already: the template adds no escaping, and a line end
   * that comes in here goes out.
   *
   * @param specifier one that the template's kind knows; {@code {allow}} arrives as {@link
   *     Specifier#RESPONSE}
   */
  void append(Specifier specifier, LineBuffer out);
}
