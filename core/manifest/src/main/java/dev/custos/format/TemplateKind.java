package dev.custos.format;

import java.util.ArrayList;
import java.util.List;

/** What a template is for: it decides which specifiers the template may hold. */
public enum TemplateKind {
  /** Changes that a watcher reports. */
  WATCH("{event} {ftype} '{path}{sep}{file}' ({pod}:{node}) {tags}"),
  /** Accesses that a guard decided. */
  GUARD("<{response}> {event} {ftype} '{path}' ({pod}:{node}) {tags}");

  private final String defaultText;

  TemplateKind(String defaultText) {
    this.defaultText = defaultText;
  }

  /** The template in force where a resource names none. */
  public String defaultText() {
    return defaultText;
  }

  /** The specifiers that a template of this kind may hold, in a stable order. */
  public List<Specifier> specifiers() {
    List<Specifier> known = new ArrayList<>();
    for (Specifier specifier : Specifier.values()) {
      if (specifier.isKnownTo(this)) {
        known.add(specifier);
      }
    }
    return known;
  }

  /** The specifier that is written as {@code text}, or null if this kind knows none. */
  Specifier specifier(String text) {
    for (Specifier specifier : Specifier.values()) {
      if (specifier.isKnownTo(this) && specifier.isWritten(text)) {
        return specifier;
      }
    }
    return null;
  }

  /** Every way to write a specifier of this kind. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    for (Specifier specifier : specifiers()) {
      words.addAll(specifier.spellings());
    }
    return words;
  }
}
