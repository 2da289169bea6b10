package dev.custos.agent.cli;

import dev.custos.manifest.Fault;
import dev.custos.manifest.ReadResult;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos validate}: all faults of all manifests at once. */
final class ValidateCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(
            this, "validate", "Shows every fault of manifests. Exits with 1 if one is an error.");
    spec.addPositional(
        Options.operands("PATH", "1..*", "Manifests, directories of them, or - for stdin."));
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    List<String> files = arguments.matchedPositionalValue(0, List.of());
    ReadResult read = ManifestFiles.read(files, terminal);
    ManifestFiles.say(read, terminal.out(), false);
    long errors = read.faults().stream().filter(Fault::isError).count();
    long warnings = read.faults().size() - errors;
    terminal.say(
        count(read.manifests().size(), "manifest")
            + " without error, "
            + count(errors, "error")
            + ", "
            + count(warnings, "warning"));
    return errors == 0 ? ExitCode.OK : ExitCode.WRONG_INPUT;
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
