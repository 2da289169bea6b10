package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The time that a {@code LOST} line says nobody looked. */
record Gap(Instant from, Instant to) {
  private static final Pattern TIMES = Pattern.compile(" from=(\\S+) to=(\\S+)");

  /** The gaps of restarted containers, of lines that begin so. */
  static List<Gap> ofRestarts(List<String> lines, String start) {
    return lines.stream()
        .filter(line -> line.startsWith(start) && line.contains("reason=container-restarted"))
        .map(Gap::of)
        .toList();
  }

  private static Gap of(String line) {
    Matcher times = TIMES.matcher(line);
    assertThat(times.find()).as(line).isTrue();
    return new Gap(Instant.parse(times.group(1)), Instant.parse(times.group(2)));
  }
}
