package dev.custos.controller.identity;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.RequestConfigBuilder;

/** Asks whose a token is. Tests put something else in the API server's place. */
public interface TokenReviewer {
  int REQUEST_MILLIS = 5000;

  /**
   * Blocks until it is known.
   *
   * @throws RuntimeException if it can't be found out now
   */
  TokenReviewStatus review(String token, String audience);

  /** Asks the API server, once: an agent that gets no answer comes again by itself. */
  static TokenReviewer of(KubernetesClient shared) {
    KubernetesClient client =
        shared
            .newClient(
                new RequestConfigBuilder()
                    .withRequestTimeout(REQUEST_MILLIS)
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .adapt(KubernetesClient.class);
    return (token, audience) -> {
      TokenReview question =
          new TokenReviewBuilder()
              .withNewSpec()
              .withToken(token)
              .withAudiences(audience)
              .endSpec()
              .build();
      return client.tokenReviews().create(question).getStatus();
    };
  }
}
