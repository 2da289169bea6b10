package dev.custos.agent.cli;

import dev.custos.manifest.Fault;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.ManifestReader;
import dev.custos.manifest.ReadResult;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads what a command line names. */
final class ManifestFiles {
  /** Stands for standard input. */
  static final String STDIN = "-";

  private ManifestFiles() {}

  static ReadResult read(List<String> names, Terminal terminal) throws CommandFailure {
    List<Path> files = new ArrayList<>();
    int streams = 0;
    for (String name : names) {
      if (name.equals(STDIN)) {
        streams++;
      } else {
        // As the user wrote it, so that faults name it that way.
        Path path = Path.of(name);
        files.add(
            path.isAbsolute() || isHere(terminal)
                ? path
                : terminal.workingDirectory().resolve(path));
      }
    }
    if (streams > 1) {
      throw CommandFailure.wrongInput("stdin can be read only once");
    }
    ReadResult result =
        files.isEmpty() ? new ReadResult(List.of(), List.of()) : ManifestReader.read(files);
    if (streams == 0) {
      return result;
    }
    ReadResult piped = ManifestReader.read("stdin", terminal.in());
    List<Manifest> manifests = new ArrayList<>(result.manifests());
    manifests.addAll(piped.manifests());
    List<Fault> faults = new ArrayList<>(result.faults());
    faults.addAll(piped.faults());
    return new ReadResult(manifests, faults);
  }

  private static boolean isHere(Terminal terminal) {
    return terminal.workingDirectory().equals(Path.of("").toAbsolutePath());
  }

  /** Prints all faults, one a line. */
  static void say(ReadResult read, PrintStream to, boolean errorsOnly) {
    for (Fault fault : read.faults()) {
      if (fault.isError() || !errorsOnly) {
        to.print((fault.isError() ? "error: " : "warning: ") + fault + "\n");
      }
    }
    to.flush();
  }
}
