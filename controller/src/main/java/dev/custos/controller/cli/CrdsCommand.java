package dev.custos.controller.cli;

import dev.custos.controller.crd.Definitions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "crds",
    description = "Prints the custom resource definitions as YAML.",
    mixinStandardHelpOptions = true)
final class CrdsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(Definitions.yaml());
    spec.commandLine().getOut().flush();
  }
}
