package dev.custos.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ApiFaultTest {
  private static Throwable answered(String message) {
    return new CompletionException(
        new KubernetesClientException(
            "Failure executing: POST at: https://...",
            403,
            new StatusBuilder().withCode(403).withMessage(message).build()));
  }

  @Test
  void theServersOwnWordsAreToldWithItsCode() {
    assertThat(ApiFault.of(answered("it's so\nand\u001b[1m so")))
        .isEqualTo(new ApiFault(403, "it's so and\\x1b[1m so"));
  }

  @Test
  void withoutAnAnswerTheInnermostReasonIsTold() {
    assertThat(
            ApiFault.of(
                new KubernetesClientException(
                    "An error has occurred.", new IOException(new ConnectException("refused")))))
        .isEqualTo(new ApiFault(0, "refused"));
    assertThat(ApiFault.of(new ConnectException()).reason()).isEqualTo("ConnectException");
  }

  @Test
  void anAnswerOfAnyLengthIsABoundedLine() {
    assertThat(ApiFault.of(answered("x".repeat(1 << 20))).reason()).hasSizeLessThan(600);
  }
}
