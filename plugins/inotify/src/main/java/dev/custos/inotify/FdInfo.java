package dev.custos.inotify;

import dev.custos.spi.Inspection;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/** Reads back the watches that the kernel has, from {@code /proc/self/fdinfo}; see proc(5). */
final class FdInfo {
  private final Path file;
  private final InotifyDescriptor inotify;
  private final Forest forest;
  // Found by the last comparison.
  private final BitSet unasked = new BitSet();

  FdInfo(InotifyDescriptor inotify, Forest forest) {
    this.file = Path.of("/proc/self/fdinfo/" + inotify.number());
    this.inotify = inotify;
    this.forest = forest;
  }

  /**
   * Compares. A watch that nobody asked for is told of the first target, though it may be another's
   * remains.
   *
   * @param targets those that the instance works for; not empty
   */
  Inspection compare(SortedSet<String> targets) {
    Map<String, List<String>> differences = new LinkedHashMap<>();
    BitSet inKernel = new BitSet();
    unasked.clear();
    int found = 0;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.startsWith("inotify wd:")) {
          int wd = Integer.parseInt(line, 11, line.indexOf(' ', 11), 16);
          inKernel.set(wd);
          found++;
          if (forest.places.firstOf(wd) == PlaceTable.NONE) {
            unasked.set(wd);
            String difference = "the kernel has watch " + wd + ", which nobody asked for";
            add(differences, targets.first(), difference);
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      add(differences, targets.first(), file + " can't be read: " + e);
    }
    BitSet expected = forest.places.watchDescriptors();
    expected.stream()
        .filter(wd -> !inKernel.get(wd))
        .forEach(
            wd -> {
              String difference = "the kernel does not have watch " + wd;
              owners(wd).forEach(target -> add(differences, target, difference));
            });
    return new Inspection(expected.cardinality(), found, differences);
  }

  private Set<String> owners(int wd) {
    Set<String> targets = new HashSet<>();
    for (int p = forest.places.firstOf(wd); p != PlaceTable.NONE; p = forest.places.nextOf(p)) {
      targets.add(forest.subscriptionOf(p).target().id());
    }
    return targets;
  }

  /**
   * Removes what the last comparison found that nobody asked for. An instance that no target uses
   * any more is closed with all that it has; one that others share is not.
   */
  void dropUnasked() {
    unasked.stream()
        .filter(wd -> forest.places.firstOf(wd) == PlaceTable.NONE)
        .forEach(inotify::remove);
    unasked.clear();
  }

  private static void add(Map<String, List<String>> differences, String target, String difference) {
    List<String> told = differences.computeIfAbsent(target, t -> new ArrayList<>());
    if (told.size() < Inspection.MOST_TOLD) {
      told.add(difference);
    }
  }
}
