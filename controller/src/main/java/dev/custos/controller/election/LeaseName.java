package dev.custos.controller.election;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names a {@code Lease} of the API server. */
public record LeaseName(String namespace, String name) {
  // A namespace is a DNS label, a lease's name a DNS subdomain (RFC 1123).
  private static final Pattern WRITTEN =
      Pattern.compile(
          "([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)");

  /** Reads {@code NAMESPACE/NAME}; empty if it is not of that form. */
  public static Optional<LeaseName> parse(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    return matcher.matches()
        ? Optional.of(new LeaseName(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
