package dev.custos.controller.identity;

/** What came of looking at a token. */
public sealed interface Verdict {
  /** It is an agent's. */
  record Admitted(AgentIdentity identity) implements Verdict {}

  /** It is none, and will not become one. */
  record Denied(String reason) implements Verdict {}

  /** Nobody can say now; the same token may be admitted later. */
  record TryLater(String reason) implements Verdict {}
}
