package dev.custos.controller.cli;

import dev.custos.controller.crd.Definitions;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "install-crds",
    description = {
      "Makes or updates the custom resource definitions in the cluster that kubectl would talk to"
          + " (KUBECONFIG, ~/.kube/config, or the pod's service account)."
    },
    mixinStandardHelpOptions = true)
final class InstallCrdsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    try (KubernetesClient client = ApiServer.connect()) {
      install(client, spec.commandLine().getOut());
    }
    return 0;
  }

  static void install(KubernetesClient client, PrintWriter out) {
    for (CustomResourceDefinition definition : Definitions.all()) {
      client.resource(definition).createOr(NonDeletingOperation::update);
      out.println("customresourcedefinition/" + definition.getMetadata().getName());
    }
    out.flush();
  }
}
