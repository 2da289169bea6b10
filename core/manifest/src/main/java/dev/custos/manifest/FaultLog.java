package dev.custos.manifest;

import dev.custos.format.SafeText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the faults of one file. Their number is bounded, for a file may be made of faults. */
final class FaultLog {
  static final int MAX_FAULTS = 1000;
  private static final int LONGEST_QUOTE = 80;

  private final String file;
  private final List<Fault> faults = new ArrayList<>();
  private int beyond;

  FaultLog(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  /** A fault that belongs to no resource. */
  void error(int line, String message) {
    add(new Fault(Fault.Severity.ERROR, file, line, "", "", "", message));
  }

  void warning(int line, String message) {
    add(new Fault(Fault.Severity.WARNING, file, line, "", "", "", message));
  }

  void add(Fault fault) {
    if (faults.size() < MAX_FAULTS) {
      faults.add(fault);
    } else {
      beyond++;
    }
  }

  /** All of them, by their lines. */
  List<Fault> faults() {
    List<Fault> sorted = new ArrayList<>(faults);
    sorted.sort(Comparator.comparingInt(Fault::line));
    if (beyond > 0) {
      String message = "and " + beyond + " more faults in this file, which are not listed";
      sorted.add(new Fault(Fault.Severity.ERROR, file, 0, "", "", "", message));
    }
    return sorted;
  }

  /** What a user wrote, fit for a message: in quotes, on one line, cut where it is long. */
  static String quoted(String text) {
    return '"' + shortened(text) + '"';
  }

  static String shortened(String text) {
    if (text.codePointCount(0, text.length()) <= LONGEST_QUOTE) {
      return SafeText.escape(text);
    }
    return SafeText.escape(text.substring(0, text.offsetByCodePoints(0, LONGEST_QUOTE))) + "...";
  }
}
