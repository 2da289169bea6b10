package dev.custos.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Goes through what a receiver has, in its order, and holds it against the delivery guarantee: each
 * sequence number of each run has come or lies in a reported loss, and so has each file that was
 * made; first arrivals are in order; repeats are counted.
 */
final class Ledger {
  // Of JSON, "id":"RUN-17", and of structured data, id="RUN-17"; and so for the others.
  private static final Pattern ID =
      Pattern.compile("\\bid(?:\":|=)\"([0-9a-f-]{36})-(\\d+)(-lost)?\"");
  private static final Pattern SEQUENCE = Pattern.compile("\\b(?:sequence\":|seq=\")(\\d+)");
  private static final Pattern LOST = Pattern.compile("\\baction(?:\":|=)\"lost\"");
  private static final Pattern FILE = Pattern.compile("(?:\"name\":\"|/)n(\\d+)\"");
  private static final Pattern LOST_COUNT = Pattern.compile("\\bcount(?:\":|=\")(\\d+)");

  private final List<String> faults = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  // The next sequence number of each run; negative once a loss of unknown size was told.
  private final Map<String, Long> next = new HashMap<>();
  private final List<String> runs = new ArrayList<>();
  // How many files are missing before each one that follows a gap.
  private final Map<Long, Long> gaps = new LinkedHashMap<>();
  private long nextFile;
  private boolean lossSinceFile;
  private long repeats;
  private long losses;

  /** What a receiver's file holds. */
  static Ledger of(Path file) throws IOException {
    Ledger ledger = new Ledger();
    try (var lines = Files.lines(file)) {
      lines.forEach(ledger::add);
    }
    return ledger;
  }

  /** Takes the next line of a receiver's file. */
  void add(String line) {
    Matcher id = ID.matcher(line);
    Matcher sequence = SEQUENCE.matcher(line);
    if (!id.find() || !sequence.find() || !sequence.group(1).equals(id.group(2))) {
      faults.add("no event: " + line);
      return;
    }
    if (!seen.add(id.group())) {
      repeats++;
      return;
    }
    String run = id.group(1);
    boolean lost = LOST.matcher(line).find();
    checkSequence(run, Long.parseLong(id.group(2)), lost && id.group(3) != null, line);
    if (lost) {
      losses++;
      lossSinceFile = true;
    } else {
      checkFile(line);
    }
  }

  private void checkSequence(String run, long sequence, boolean gap, String line) {
    if (!runs.contains(run)) {
      runs.add(run);
    } else if (!run.equals(runs.get(runs.size() - 1))) {
      faults.add("an earlier run's event: " + line);
    }
    long expected = next.getOrDefault(run, 1L);
    if (expected < 0) {
      faults.add("an event after the end of its run: " + line);
    } else if (sequence != expected) {
      faults.add("expected sequence " + expected + " of run " + run + ": " + line);
    }
    long following = sequence + 1;
    if (gap) {
      Matcher count = LOST_COUNT.matcher(line);
      following = count.find() ? sequence + Long.parseLong(count.group(1)) : -1;
    }
    next.put(run, following);
  }

  private void checkFile(String line) {
    long file = fileOf(line);
    if (file < 0) {
      faults.add("about no file of ours: " + line);
      return;
    }
    if (file > nextFile && lossSinceFile) {
      gaps.put(file, file - nextFile);
    } else if (file != nextFile) {
      faults.add("expected file " + nextFile + " or a loss before it: " + line);
    }
    nextFile = file + 1;
    lossSinceFile = false;
  }

  /** The number of the file that a line is about; negative if it is about none. */
  static long fileOf(String line) {
    Matcher name = FILE.matcher(line);
    return name.find() ? Long.parseLong(name.group(1)) : -1;
  }

  List<String> faults() {
    return faults;
  }

  /** Up to which file, exclusively, all is accounted for. */
  long files() {
    return nextFile;
  }

  /** How many files right before this one lie in a reported loss. */
  long missingBefore(long file) {
    return gaps.getOrDefault(file, 0L);
  }

  long repeats() {
    return repeats;
  }

  @Override
  public String toString() {
    return seen.size()
        + " events of "
        + runs.size()
        + " runs, "
        + repeats
        + " repeats, "
        + losses
        + " reported losses, files missing in them: "
        + gaps.values();
  }
}
