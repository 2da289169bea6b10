package dev.custos.manifest;

import java.util.List;

/**
 * What reading gave.
 *
 * @param manifests the resources without an error, in the order in which they were written
 * @param faults all faults of all files, in the order of files and lines
 */
public record ReadResult(List<Manifest> manifests, List<Fault> faults) {
  public ReadResult {
    manifests = List.copyOf(manifests);
    faults = List.copyOf(faults);
  }

  /** Whether any fault is an error. */
  public boolean hasErrors() {
    return faults.stream().anyMatch(Fault::isError);
  }
}
