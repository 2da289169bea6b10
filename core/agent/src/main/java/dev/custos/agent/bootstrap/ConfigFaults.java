package dev.custos.agent.bootstrap;

import com.typesafe.config.ConfigOrigin;
import dev.custos.spi.event.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a configuration: all of it, told once each, in the order of the lines. */
final class ConfigFaults {
  private record Fault(int line, String text) {}

  private final Set<Fault> faults = new LinkedHashSet<>();

  /**
   * Takes note of a fault.
   *
   * @param at where it stands
   * @param section where the section that it stands in begins: the value of {@code ${NAME}} comes
   *     from elsewhere, and the file is what has to be changed
   * @param what the key and what is wrong with it
   */
  void add(ConfigOrigin at, ConfigOrigin section, String what) {
    boolean known = at.lineNumber() > 0 || section == null;
    ConfigOrigin place = known ? at : section;
    String text = Printable.escape(place.description()) + ": " + what;
    if (!known) {
      text += " (from " + Printable.escape(at.description()) + ")";
    }
    faults.add(new Fault(place.lineNumber(), text));
  }

  /** A fault that is told with its place already. */
  void add(String told) {
    faults.add(new Fault(Integer.MAX_VALUE, told));
  }

  boolean isEmpty() {
    return faults.isEmpty();
  }

  /** A line each. */
  List<String> lines() {
    List<Fault> sorted = new ArrayList<>(faults);
    sorted.sort(Comparator.comparingInt(Fault::line));
    List<String> lines = new ArrayList<>();
    for (Fault fault : sorted) {
      lines.add(fault.text());
    }
    return lines;
  }

  /** Throws if there is any. */
  void check() throws StartException {
    if (!faults.isEmpty()) {
      throw StartException.wrongInput(lines());
    }
  }
}
