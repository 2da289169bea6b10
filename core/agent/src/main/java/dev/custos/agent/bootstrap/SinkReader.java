package dev.custos.agent.bootstrap;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.custos.agent.pipeline.EventMatch;
import dev.custos.agent.pipeline.RetryPolicy;
import dev.custos.agent.pipeline.SinkPolicy;
import dev.custos.agent.pipeline.SpoolPolicy;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what the host has to know of a sink, over what {@code sink-defaults} says of all. */
final class SinkReader {
  /** What stands beside a sink's own settings. */
  static final Set<String> HOST_KEYS = Set.of("type", "match", "queue", "write", "retry");

  /** Where a reading would otherwise be none. */
  private static final String OFF = "off";

  private static final String NEVER = "never";
  private static final int MOST_EVENTS = 10_000_000;
  private static final int MOST_IN_A_WRITE = 100_000;

  // It names a folder, a thread and a label of metrics.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  private final ConfigSection defaults;
  private final ConfigObject reference;
  private final Path spools;
  private final ConfigFaults faults;

  /**
   * Makes one.
   *
   * @param defaults {@code custos.sink-defaults}
   * @param reference the same as it comes with the agent
   * @param spools the folder that spools are in
   */
  SinkReader(ConfigSection defaults, ConfigObject reference, Path spools, ConfigFaults faults) {
    this.defaults = defaults;
    this.reference = reference;
    this.spools = spools;
    this.faults = faults;
  }

  /** Finds the faults of the defaults, which no sink may need. */
  void checkDefaults() {
    policy("", defaults);
    match(defaults.section("match"));
  }

  /** Reads a sink; empty if it can't be told what it is. */
  Optional<SinkSettings> read(String name, ConfigValue value) {
    String path = "custos.sinks." + Printable.escape(name);
    if (!NAME.matcher(name).matches()) {
      faults.add(
          value.origin(),
          null,
          path
              + " can't be a sink's name; expected up to 63 letters, digits, dots, dashes and"
              + " underscores, the first a letter or digit");
    }
    if (!(value instanceof ConfigObject section)) {
      faults.add(value.origin(), null, path + " is a section, not a value: { type = stdout }");
      return Optional.empty();
    }
    ConfigSection own = new ConfigSection(path + ".", section, null, faults);
    Optional<String> type = own.optionalText("type", "the name of a kind of sink, such as stdout");
    if (!own.says("type")) {
      faults.add(section.origin(), null, path + " has no type; expected one, such as stdout");
    }
    for (String key : HOST_KEYS) {
      ConfigValue host = section.get(key);
      if (host instanceof ConfigObject inner && reference.get(key) instanceof ConfigObject known) {
        ConfigKeys.OF_HOST.check(inner, known, path + "." + key + ".", faults);
      }
    }
    ConfigSection over = new ConfigSection(path + ".", section, defaults, faults);
    SinkPolicy policy = policy(name, over);
    EventMatch match = match(over.section("match"));
    return type.map(text -> new SinkSettings(name, text, policy, match, Map.of()));
  }

  private SinkPolicy policy(String name, ConfigSection sink) {
    ConfigSection queue = sink.section("queue");
    ConfigSection write = sink.section("write");
    return new SinkPolicy(
        queue.number("memory", 2, MOST_EVENTS),
        spool(name, queue),
        write.number("batch", 1, MOST_IN_A_WRITE),
        write.timeOrZero("linger"),
        write.time("deadline"),
        retry(sink.section("retry")),
        0);
  }

  private Optional<SpoolPolicy> spool(String name, ConfigSection queue) {
    OptionalLong size = queue.sizeOr("spool", SpoolPolicy.MIN_BYTES, OFF);
    Duration age = queue.time("spool-age");
    List<String> words = new ArrayList<>();
    for (SpoolPolicy.Fsync fsync : SpoolPolicy.Fsync.values()) {
      words.add(word(fsync));
    }
    String fsync = queue.word("fsync", words);
    if (size.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SpoolPolicy(
            spools.resolve(name),
            size.getAsLong(),
            age,
            SpoolPolicy.Fsync.valueOf(fsync.toUpperCase(Locale.ROOT))));
  }

  private RetryPolicy retry(ConfigSection retry) {
    Duration initial = retry.time("initial");
    Duration max = retry.time("max");
    double multiplier = retry.factor("multiplier", 1, 100);
    Optional<Duration> giveUp = retry.timeOr("give-up", NEVER);
    if (max.compareTo(initial) < 0) {
      retry.fault(
          retry.says("max") ? "max" : "initial",
          "retry.max is below retry.initial; expected the longest pause to be the longer one");
      max = initial;
    }
    return new RetryPolicy(initial, max, multiplier, giveUp);
  }

  private static EventMatch match(ConfigSection match) {
    List<String> kindWords = new ArrayList<>();
    for (EventMatch.Kind kind : EventMatch.Kind.values()) {
      kindWords.add(word(kind));
    }
    Set<EventMatch.Kind> kinds = EnumSet.noneOf(EventMatch.Kind.class);
    for (String kind : match.words("kinds", kindWords)) {
      kinds.add(EventMatch.Kind.valueOf(kind.toUpperCase(Locale.ROOT)));
    }
    return new EventMatch(
        kinds,
        match.map("tags"),
        match.map("labels"),
        new HashSet<>(match.words("events", List.copyOf(EventMatch.words()))));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
