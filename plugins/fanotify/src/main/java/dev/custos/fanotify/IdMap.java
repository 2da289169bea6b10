package dev.custos.fanotify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a user namespace numbers the users that we number otherwise: {@code /proc/PID/uid_map} of its
 * processes, see user_namespaces(7). Immutable; looks up without making an object.
 */
final class IdMap {
  /** Of a namespace that numbers as we do. */
  static final IdMap SAME = new IdMap(List.of(new long[] {0, 0, 0xffffffffL}));

  /** Of a namespace that can't be read: nobody has a number in it. */
  static final IdMap NONE = new IdMap(List.of());

  private final long[][] ranges;

  private IdMap(List<long[]> ranges) {
    this.ranges = ranges.toArray(new long[0][]);
  }

  /** The map of the namespace that a process is in; {@link #NONE} if it is gone. */
  static IdMap of(int pid) {
    try {
      return parse(Files.readAllLines(Path.of("/proc/" + pid + "/uid_map")));
    } catch (IOException | NumberFormatException gone) {
      // The plan's report says that users can't be told apart.
      return NONE;
    }
  }

  /** Lines of: the first number inside, the first number outside, how many. */
  static IdMap parse(List<String> lines) {
    List<long[]> ranges = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.trim().split("\\s+", -1);
      if (fields.length == 3) {
        ranges.add(
            new long[] {
              Long.parseLong(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2])
            });
      }
    }
    return new IdMap(ranges);
  }

  boolean isEmpty() {
    return ranges.length == 0;
  }

  /** What a user is called inside that we call {@code id}; -1 if nothing. */
  long inside(long id) {
    for (long[] range : ranges) {
      if (id >= range[1] && id - range[1] < range[2]) {
        return range[0] + (id - range[1]);
      }
    }
    return -1;
  }
}
