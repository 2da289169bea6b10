package dev.custos.agent.pipeline;

import java.util.Objects;

/**
 * One sink as it is to be.
 *
 * @param name its name, unique among all
 * @param identity what makes it this sink beside its name: its type and its own settings, say, as
 *     anything with {@code equals}. While it stays equal, a reconfigured pipeline keeps the opened
 *     sink and its connection
 * @param opener opens it
 * @param policy how the host treats it
 * @param match what it gets
 */
public record SinkSpec(
    String name, Object identity, SinkOpener opener, SinkPolicy policy, EventMatch match) {
  public SinkSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(opener, "opener");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(match, "match");
  }

  /** Whether nothing has to change where {@code other} runs; openers can't be compared. */
  boolean isSameAs(SinkSpec other) {
    return name.equals(other.name)
        && identity.equals(other.identity)
        && policy.equals(other.policy)
        && match.equals(other.match);
  }
}
