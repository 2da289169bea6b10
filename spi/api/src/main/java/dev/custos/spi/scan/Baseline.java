package dev.custos.spi.scan;

import dev.custos.spi.BackendException;

/** What a scanner compares with. Calls are serial with the scans of the same subject. */
public interface Baseline {
  /**
   * Backs the baseline up and makes it anew from the files as they are.
   *
   * @throws BackendException if that could not be done; the old baseline is then still in force
   */
  void reinit(ScanPlan plan) throws BackendException;

  /**
   * Takes what the last scan found for good.
   *
   * @throws BackendException if that could not be done; the old baseline is then still in force
   */
  void accept(ScanPlan plan) throws BackendException;
}
