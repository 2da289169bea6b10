package dev.custos.format;

import java.util.List;

/** A fact about an event that a template can name between braces. */
public enum Specifier {
  /** Name of the pod, or of the host. */
  POD("pod"),
  /** Name of the node. */
  NODE("node"),
  /** Namespace of the pod; empty on a host. */
  NAMESPACE("namespace"),
  /** Name of the container; empty on a host. */
  CONTAINER("container"),
  /** What happened, for example {@code MODIFY} or {@code OPEN_PERM}. */
  EVENT("event"),
  /** A watcher's watched directory or file; a guard's accessed path, whole. */
  PATH("path"),
  /** The name within the directory; empty where the event is about {@link #PATH} itself. */
  FILE("file"),
  /** {@code file} or {@code directory}. */
  FTYPE("ftype"),
  /** The subject's tags as {@code k=v,k=v}. */
  TAGS("tags"),
  /** {@code /} where there is a {@link #FILE}, else empty. */
  SEP("sep", TemplateKind.WATCH),
  /** When it happened: ISO 8601 in UTC, as many digits as are known. */
  TIME("time"),
  /** The event's number in this run of the agent. */
  SEQ("seq"),
  /** Name of the resource that asked for the event. */
  WATCHER("watcher"),
  /** Kind of the resource that asked for the event. */
  KIND("kind"),
  /** The number that {@code MOVED_FROM} and {@code MOVED_TO} of one rename share; else 0. */
  COOKIE("cookie", TemplateKind.WATCH),
  /** The verdict; a template may write it {@code {allow}} as well. */
  RESPONSE("response", TemplateKind.GUARD),
  /** Which rule decided. */
  RULE("rule", TemplateKind.GUARD),
  /** Id of the process that asked, as the agent sees it; 0 where that is not known. */
  PID("pid", TemplateKind.GUARD),
  /** Real user id of that process, as the container numbers it; empty where not known. */
  UID("uid", TemplateKind.GUARD),
  /** Path of that process's program, as the container sees it; empty where not known. */
  EXECUTABLE("executable", TemplateKind.GUARD),
  /** That process's own name for itself; empty where not known. */
  COMMAND("command", TemplateKind.GUARD),
  /** {@code command[pid]}; {@code gone[pid]} if it ended before it could be looked at. */
  PROCESS("process", TemplateKind.GUARD);

  private static final String ALLOW = "allow";

  private final String text;
  private final TemplateKind only; // null for every kind

  Specifier(String text) {
    this(text, null);
  }

  Specifier(String text, TemplateKind only) {
    this.text = text;
    this.only = only;
  }

  /** The word between the braces. */
  public String text() {
    return text;
  }

  boolean isKnownTo(TemplateKind kind) {
    return only == null || only == kind;
  }

  boolean isWritten(String word) {
    return text.equals(word) || (this == RESPONSE && word.equals(ALLOW));
  }

  List<String> spellings() {
    return this == RESPONSE ? List.of(text, ALLOW) : List.of(text);
  }
}
