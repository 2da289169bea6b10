package dev.custos.controller.identity;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatusBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An API server that accepts the tokens that it was told to, whatever they say of themselves. */
final class FakeTokens implements TokenReviewer {
  static final String AGENT = "system:serviceaccount:custos:custos-agent";

  final AtomicInteger asked = new AtomicInteger();
  volatile boolean down;
  private final AtomicInteger serial = new AtomicInteger();
  private final Map<String, TokenReviewStatus> accepted = new ConcurrentHashMap<>();

  @Override
  public TokenReviewStatus review(String token, String audience) {
    asked.incrementAndGet();
    if (down) {
      throw new IllegalStateException("the API server is down");
    }
    return accepted.getOrDefault(
        token,
        new TokenReviewStatusBuilder().withAuthenticated(false).withError("no such token").build());
  }

  /** A token that says this of itself, and that nobody accepts. */
  String claiming(String subject, String audience, Instant expires) {
    String claims =
        "{\"aud\": [\"%s\"], \"sub\": \"%s\", \"exp\": %d, \"jti\": \"%d\"}"
            .formatted(audience, subject, expires.getEpochSecond(), serial.incrementAndGet());
    return "e30."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.getBytes(StandardCharsets.UTF_8))
        + ".c2ln";
  }

  /** An agent's token, bound to a pod. */
  String of(String pod, Instant expires) {
    return accept(
        claiming(AGENT, "custos", expires),
        AGENT,
        "custos",
        Map.of(
            "authentication.kubernetes.io/pod-uid",
            List.of("uid-of-" + pod),
            "authentication.kubernetes.io/pod-name",
            List.of(pod)));
  }

  /** Has a token accepted as this user's. */
  String accept(String token, String user, String audience, Map<String, List<String>> extra) {
    accepted.put(
        token,
        new TokenReviewStatusBuilder()
            .withAuthenticated(true)
            .withAudiences(audience)
            .withNewUser()
            .withUsername(user)
            .withExtra(extra)
            .endUser()
            .build());
    return token;
  }
}
