package dev.custos.controller.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * What a token says of itself (RFC 7519). Nothing of it is to be believed before the API server has
 * checked the signature; but what is wrong here already need not be asked about.
 *
 * @param subject whose token it is
 * @param forAgents whether it is meant for the asked audience
 * @param expires until when it holds
 */
record TokenClaims(String subject, boolean forAgents, Instant expires) {
  /** Longer than any token of a ServiceAccount; gRPC itself takes no more than 8 KiB of headers. */
  private static final int LONGEST = 8192;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Empty if it is no JSON Web Token, or one that never expires. */
  static Optional<TokenClaims> read(String token, String audience) {
    String[] parts = token.length() > LONGEST ? new String[0] : token.split("\\.", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    JsonNode claims;
    try {
      claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
    long expires = claims.path("exp").asLong(0);
    // Far beyond any calendar would be no instant at all.
    if (expires <= 0 || expires > Instant.MAX.getEpochSecond()) {
      return Optional.empty();
    }
    return Optional.of(
        new TokenClaims(
            claims.path("sub").asText(""),
            isFor(claims.path("aud"), audience),
            Instant.ofEpochSecond(expires)));
  }

  // One audience may stand alone, without a list around it.
  private static boolean isFor(JsonNode audiences, String wanted) {
    if (audiences.isTextual()) {
      return audiences.asText().equals(wanted);
    }
    for (JsonNode audience : audiences) {
      if (audience.asText().equals(wanted)) {
        return true;
      }
    }
    return false;
  }
}
