package dev.custos.agent.watchdog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * What the file of one run says: lines of ASCII, each after its CRC-32 in eight hexadecimal digits.
 * A run that is killed may leave a last line without an end, which then says nothing.
 *
 * @param run which run it is; empty if the file does not say
 * @param boot during which run of the kernel it was, as {@code /proc/sys/kernel/random/boot_id} has
 *     it
 * @param kills what it knew of runs before it
 * @param quarantined digests of plans
 * @param plans digests of the plans that were in force when it ended
 * @param ended whether it ended in order
 * @param damaged whether a line is not what was written
 */
record RunRecord(
    String run,
    String boot,
    Set<Kill> kills,
    Set<String> quarantined,
    Set<String> plans,
    boolean ended,
    boolean damaged) {
  private static final int CHECKSUM = 8;

  /**
   * A plan that was in force when a run ended, and not in order.
   *
   * @param second since the epoch, when that was noticed
   */
  record Kill(long second, String run, String digest) {
    boolean isSame(Kill other) {
      return run.equals(other.run) && digest.equals(other.digest);
    }
  }

  RunRecord {
    kills = Set.copyOf(kills);
    // In the order of the file.
    quarantined = Collections.unmodifiableSet(new LinkedHashSet<>(quarantined));
    plans = Set.copyOf(plans);
  }

  static String run(String run, String boot) {
    return "run " + run + ' ' + boot;
  }

  static String kill(Kill kill) {
    return "kill " + kill.second() + ' ' + kill.run() + ' ' + kill.digest();
  }

  static String quarantined(String digest) {
    return "quarantined " + digest;
  }

  static String plan(String digest) {
    return "plan " + digest;
  }

  static String gone(String digest) {
    return "gone " + digest;
  }

  static final String ENDED = "ended";

  /** What lines are written as. */
  static ByteBuffer encode(List<String> lines) {
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      text.append(checksum(line)).append(' ').append(line).append('\n');
    }
    return StandardCharsets.US_ASCII.encode(text.toString());
  }

  private static String checksum(String line) {
    CRC32 crc = new CRC32();
    crc.update(line.getBytes(StandardCharsets.UTF_8));
    String digits = Long.toHexString(crc.getValue());
    return "0".repeat(CHECKSUM - digits.length()) + digits;
  }

  /** Takes what can be read. */
  static RunRecord decode(ByteBuffer content) {
    String text;
    try {
      text = StandardCharsets.US_ASCII.newDecoder().decode(content).toString();
    } catch (CharacterCodingException e) {
      return new RunRecord("", "", Set.of(), Set.of(), Set.of(), false, true);
    }
    Reading reading = new Reading();
    int end;
    for (int at = 0; (end = text.indexOf('\n', at)) >= 0 && !reading.damaged; at = end + 1) {
      String line = text.substring(at, end);
      if (line.length() > CHECKSUM
          && line.startsWith(checksum(line.substring(CHECKSUM + 1)) + ' ')) {
        reading.take(line.substring(CHECKSUM + 1).split(" ", -1));
      } else {
        reading.damaged = true;
      }
    }
    return reading.record();
  }

  private static final class Reading {
    private final Set<Kill> kills = new LinkedHashSet<>();
    private final Set<String> quarantined = new LinkedHashSet<>();
    private final Set<String> plans = new LinkedHashSet<>();
    private String run = "";
    private String boot = "";
    private boolean ended;
    private boolean damaged;

    void take(String[] words) {
      switch (words[0] + words.length) {
        case "run3" -> {
          run = words[1];
          boot = words[2];
        }
        case "kill4" -> kill(words);
        case "quarantined2" -> quarantined.add(words[1]);
        case "plan2" -> plans.add(words[1]);
        case "gone2" -> plans.remove(words[1]);
        case "ended1" -> ended = true;
        // Another version's.
        default -> damaged = true;
      }
    }

    private void kill(String[] words) {
      if (words[1].matches("[0-9]{1,15}")) {
        kills.add(new Kill(Long.parseLong(words[1]), words[2], words[3]));
      } else {
        damaged = true;
      }
    }

    RunRecord record() {
      return new RunRecord(run, boot, kills, quarantined, plans, ended, damaged);
    }
  }
}
