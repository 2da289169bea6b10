package dev.custos.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.JanusGuard;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListingFaultsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final ListingFaults faults = new ListingFaults(nanos::get);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | credentials",
        "403 | kubernetes/1-controller-roles.yaml",
        "404 | 'custos-controller install-crds' makes the kind known",
        "429 | too much to do",
        "500 | the log of the API server says more",
      })
  void aFaultNamesTheListTheReasonAndTheWayOut(int code, String wayOut) {
    assertThat(ListingFaults.explain(JanusGuard.class, refused(code, "it's so\nand\u001b[1m so")))
        .startsWith(
            "janusguards.januscontroller.clustergarage.io can't be listed and watched:"
                + " it's so and\\x1b[1m so; ")
        .contains(wayOut)
        .endsWith("; tried again until it works");
  }

  @Test
  void withoutAnAnswerTheNetworksReasonIsTold() {
    assertThat(
            ListingFaults.explain(
                Pod.class,
                new CompletionException(
                    new KubernetesClientException("An error", new ConnectException("refused")))))
        .startsWith("pods can't be listed and watched: refused; is the API server up");
  }

  @Test
  void whatStaysWrongIsSaidOnceInAMinuteAndWhatIsNewAtOnce() {
    assertThat(faults.failed(Pod.class, refused(500, "a"))).isPresent();
    assertThat(faults.failed(Pod.class, refused(500, "a"))).isEmpty();
    assertThat(faults.failed(JanusGuard.class, refused(500, "a"))).isPresent();
    assertThat(faults.failed(Pod.class, refused(500, "b"))).isPresent();
    nanos.addAndGet(ListingFaults.REMINDER.toNanos());
    assertThat(faults.failed(Pod.class, refused(500, "b"))).isPresent();
    assertThat(faults.last(Pod.class))
        .hasValueSatisfying(text -> assertThat(text).contains(": b;"));
  }

  private static Throwable refused(int code, String message) {
    return new CompletionException(
        new KubernetesClientException(
            "Failure executing",
            code,
            new StatusBuilder().withCode(code).withMessage(message).build()));
  }
}
