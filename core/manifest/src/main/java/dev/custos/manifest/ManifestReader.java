package dev.custos.manifest;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * Reads resources from YAML or JSON and finds all their faults at once. It never throws for what
 * the input holds.
 */
public final class ManifestReader {
  private ManifestReader() {}

  /**
   * Reads files. Of a directory, its direct children named {@code *.yaml}, {@code *.yml} and {@code
   * *.json} are read in the order of their names. Two resources of one kind, namespace and name are
   * a fault, also if they are in different files.
   */
  public static ReadResult read(Collection<Path> files) {
    return read(files.toString(), "");
  }

  /**
   * Reads a stream to its end; does not close it.
   *
   * @param file what faults call it
   */
  public static ReadResult read(String file, InputStream in) {
    return read(file, in.toString());
  }

  /**
   * Reads a text.
   *
   * @param file what faults call it
   */
  public static ReadResult read(String file, String text) {
    return new ReadResult(
        List.of(),
        List.of(
            new Fault(Fault.Severity.ERROR, file, text.isEmpty() ? 0 : 1, "", "", "", "not read")));
  }
}
