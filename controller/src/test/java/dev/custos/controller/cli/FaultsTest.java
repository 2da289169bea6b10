package dev.custos.controller.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class FaultsTest {
  @Test
  void missingDefinitionsNameTheirRemedy() {
    assertThat(
            Faults.explain(
                new ExecutionException(
                    new KubernetesClientException("not found", 404, new Status()))))
        .contains("custos-controller install-crds");
  }

  @Test
  void theInnermostReasonIsTold() {
    assertThat(
            Faults.explain(
                new KubernetesClientException(
                    "An error has occurred.", new IOException(new ConnectException("refused")))))
        .isEqualTo("refused");
    assertThat(Faults.explain(new BindException())).isEqualTo("BindException");
    assertThat(Faults.explain(new TimeoutException())).contains("did not answer in time");
  }

  @Test
  void whatTheServerSaysIsOneLine() {
    assertThat(Faults.explain(new IOException("a\n\u001b[31mb"))).isEqualTo("a \\x1b[31mb");
  }
}
