package dev.custos.manifest;

import dev.custos.format.SafeText;

/**
 * Something wrong with what a user wrote, with all that is needed to find it.
 *
 * @param file as it was given to the reader
 * @param line counts from 1; 0 if the fault is in no particular line
 * @param kind the resource's kind, empty while it is unknown
 * @param resource {@code namespace/name}, {@code name}, or empty while it is unknown
 * @param field the path of the field, for example {@code spec.subjects[1].events[0]}; may be empty
 * @param message what is wrong and, where it can be said, what to write instead
 */
public record Fault(
    Severity severity,
    String file,
    int line,
    String kind,
    String resource,
    String field,
    String message) {
  /** Whether the manifest can still be used. */
  public enum Severity {
    /** The resource is not used. */
    ERROR,
    /** The resource is used; its author should know. */
    WARNING
  }

  /** Makes what users wrote fit for one line. */
  public Fault {
    file = SafeText.escape(file);
    kind = SafeText.escape(kind);
    resource = SafeText.escape(resource);
    field = SafeText.escape(field);
    message = SafeText.escape(message);
  }

  /** Whether the resource is not used because of this. */
  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /**
   * One line without the severity: {@code file:line: ArgusWatcher default/web:
   * spec.subjects[1].events[0]: "modfy" is not an event; did you mean "modify"?}.
   */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(file);
    if (line > 0) {
      out.append(':').append(line);
    }
    out.append(": ");
    if (!kind.isEmpty()) {
      out.append(kind);
      if (!resource.isEmpty()) {
        out.append(' ').append(resource);
      }
      out.append(": ");
    }
    if (!field.isEmpty()) {
      out.append(field).append(": ");
    }
    return out.append(message).toString();
  }
}
