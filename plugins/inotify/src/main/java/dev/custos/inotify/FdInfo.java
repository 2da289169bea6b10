package dev.custos.inotify;

import dev.custos.spi.Inspection;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Reads back the watches that the kernel has, from {@code /proc/self/fdinfo}; see proc(5). */
final class FdInfo {
  private static final int DIFFERENCES_AT_MOST = 100;

  private final Path file;

  FdInfo(int fd) {
    this.file = Path.of("/proc/self/fdinfo/" + fd);
  }

  Inspection compare(PlaceTable places) {
    List<String> differences = new ArrayList<>();
    BitSet inKernel = new BitSet();
    int found = 0;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.startsWith("inotify wd:")) {
          int wd = Integer.parseInt(line, 11, line.indexOf(' ', 11), 16);
          inKernel.set(wd);
          found++;
          if (places.firstOf(wd) == PlaceTable.NONE) {
            add(differences, "the kernel has watch " + wd + ", which nobody asked for");
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      add(differences, file + " can't be read: " + e);
    }
    BitSet expected = places.watchDescriptors();
    expected.stream()
        .filter(wd -> !inKernel.get(wd))
        .forEach(wd -> add(differences, "the kernel does not have watch " + wd));
    return new Inspection(expected.cardinality(), found, differences);
  }

  private static void add(List<String> differences, String difference) {
    if (differences.size() < DIFFERENCES_AT_MOST) {
      differences.add(difference);
    }
  }
}
