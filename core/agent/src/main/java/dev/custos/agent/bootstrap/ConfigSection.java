package dev.custos.agent.bootstrap;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.format.NearestName;
import dev.custos.spi.event.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * One section of a configuration, over the sections whose values hold where it is silent. What
 * can't be read is a fault, and the next section's value is taken instead, so that one reading
 * finds every fault.
 */
final class ConfigSection {
  private static final int LONGEST_SHOWN = 64;
  private static final List<String> TIMES = List.of("ns", "us", "ms", "s", "m", "h", "d");
  private static final List<String> SIZES = List.of("B", "KiB", "MiB", "GiB", "TiB");

  private final String path;
  private final ConfigObject values;
  private final ConfigSection otherwise;
  private final ConfigFaults faults;

  /**
   * Makes one.
   *
   * @param path its own, with a dot at its end: {@code custos.apply.}
   * @param otherwise where to look for what is not in {@code values}; null for the reference
   */
  ConfigSection(String path, ConfigObject values, ConfigSection otherwise, ConfigFaults faults) {
    this.path = path;
    this.values = values;
    this.otherwise = otherwise;
    this.faults = faults;
  }

  /** What a value is made of, or a {@link ConfigException} if it can't. */
  private interface Reader<T> {
    T read(Config holder, String key);
  }

  /** Whether this section itself says something about the key. */
  boolean says(String key) {
    ConfigValue value = values.get(key);
    return value != null && value.valueType() != ConfigValueType.NULL;
  }

  private <T> Optional<T> read(String key, String expected, Reader<T> reader) {
    if (says(key)) {
      try {
        return Optional.of(reader.read(values.toConfig(), ConfigUtil.quoteString(key)));
      } catch (ConfigException e) {
        faults.add(
            values.get(key).origin(),
            values.origin(),
            path + key + shown(values.get(key)) + "; expected " + expected);
      }
    }
    return otherwise == null ? Optional.empty() : otherwise.read(key, expected, reader);
  }

  private static ConfigException unfit(String key) {
    return new ConfigException.Generic(key);
  }

  /** A text that is not empty. */
  String text(String key, String expected) {
    return optionalText(key, expected).orElse("");
  }

  /** A text that passes a test. */
  String text(String key, String expected, Predicate<String> fits) {
    return read(
            key,
            expected,
            (holder, quoted) -> {
              String text = holder.getString(quoted);
              if (!fits.test(text)) {
                throw unfit(key);
              }
              return text;
            })
        .orElseThrow();
  }

  /** A text that is not empty, where the reference has none. */
  Optional<String> optionalText(String key, String expected) {
    return read(
        key,
        expected,
        (holder, quoted) -> {
          String text = holder.getString(quoted);
          if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw unfit(key);
          }
          return text;
        });
  }

  /** Some words of a few. */
  List<String> words(String key, List<String> known) {
    return texts(key, known).orElse(List.of());
  }

  /** Any texts. */
  List<String> texts(String key) {
    return texts(key, null).orElse(List.of());
  }

  private Optional<List<String>> texts(String key, List<String> known) {
    if (says(key) && known != null && values.get(key) instanceof ConfigList list) {
      List<String> good = new ArrayList<>();
      for (ConfigValue value : list) {
        if (value.valueType() == ConfigValueType.STRING && known.contains(value.unwrapped())) {
          good.add((String) value.unwrapped());
        } else {
          faults.add(
              value.origin(),
              values.origin(),
              path
                  + key
                  + " has an entry that"
                  + shown(value)
                  + "; expected "
                  + oneOf(value, known));
        }
      }
      return Optional.of(good);
    }
    String expected = "a list: [" + (known == null ? "a, b" : String.join(", ", known)) + "]";
    return read(key, expected, Config::getStringList);
  }

  /** One word of a few. */
  String word(String key, List<String> known) {
    ConfigValue value = values.get(key);
    return read(
            key,
            value == null ? "" : oneOf(value, known),
            (holder, quoted) -> {
              String word = holder.getString(quoted);
              if (!known.contains(word)) {
                throw unfit(key);
              }
              return word;
            })
        .orElseThrow();
  }

  private static String oneOf(ConfigValue value, List<String> known) {
    return String.join(" or ", known) + NearestName.hint(String.valueOf(value.unwrapped()), known);
  }

  /** A time of more than zero. */
  Duration time(String key) {
    return readTime(key, Duration.ofNanos(1), "more than 0 ", null).orElseThrow();
  }

  /** A time of some length or more. */
  Duration timeOfAtLeast(String key, Duration least) {
    return readTime(key, least, "at least " + least.toSeconds() + "s ", null).orElseThrow();
  }

  /** A time; may be zero. */
  Duration timeOrZero(String key) {
    return readTime(key, Duration.ZERO, "", null).orElseThrow();
  }

  /** A time of more than zero, or a word that stands for none. */
  Optional<Duration> timeOr(String key, String none) {
    return readTime(key, Duration.ofNanos(1), "more than 0 ", none)
        .filter(time -> !time.isNegative());
  }

  private Optional<Duration> readTime(String key, Duration least, String bound, String none) {
    String expected =
        (none == null ? "" : none + ", or ")
            + "a time of "
            + bound
            + "with its unit, such as 500ms, 10s, 5m or 1h"
            + unitHint(key, TIMES);
    return read(
        key,
        expected,
        (holder, quoted) -> {
          if (isWord(holder, quoted, none)) {
            return Duration.ofSeconds(-1);
          }
          Duration time = holder.getDuration(quoted);
          // Without a unit it would be milliseconds, which nobody can see.
          if (endsInDigit(holder, quoted) || time.compareTo(least) < 0) {
            throw unfit(key);
          }
          return time;
        });
  }

  /** A size in bytes of at least {@code least}, or a word that stands for none. */
  OptionalLong sizeOr(String key, long least, String none) {
    String expected =
        none + ", or a size of at least " + size(least) + " with its unit, such as 64MiB or 2GiB";
    long size =
        read(
                key,
                expected + unitHint(key, SIZES),
                (holder, quoted) -> {
                  if (isWord(holder, quoted, none)) {
                    return -1L;
                  }
                  long bytes = holder.getBytes(quoted);
                  if (endsInDigit(holder, quoted) || bytes < least) {
                    throw unfit(key);
                  }
                  return bytes;
                })
            .orElseThrow();
    return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
  }

  private static String size(long bytes) {
    return bytes % (1 << 20) == 0
        ? (bytes >> 20) + "MiB"
        : bytes % 1024 == 0 ? (bytes >> 10) + "KiB" : bytes + "B";
  }

  private static boolean isWord(Config holder, String quoted, String word) {
    return word != null
        && holder.getValue(quoted).valueType() == ConfigValueType.STRING
        && holder.getString(quoted).equals(word);
  }

  private static boolean endsInDigit(Config holder, String quoted) {
    String text = holder.getString(quoted).trim();
    return !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1));
  }

  /** What somebody may have meant who wrote {@code 10sec}. */
  private String unitHint(String key, List<String> units) {
    if (!says(key)) {
      return "";
    }
    String text = String.valueOf(values.get(key).unwrapped()).trim();
    int digits = 0;
    while (digits < text.length() && "0123456789.".indexOf(text.charAt(digits)) >= 0) {
      digits++;
    }
    String unit = text.substring(digits).trim();
    return digits == 0 || unit.isEmpty() || units.contains(unit)
        ? ""
        : NearestName.hint(unit, units);
  }

  /** A whole number within bounds. */
  int number(String key, int least, int most) {
    return read(
            key,
            "a whole number from " + least + " to " + most,
            (holder, quoted) -> {
              long number = holder.getLong(quoted);
              if (number < least || number > most || number != holder.getDouble(quoted)) {
                throw unfit(key);
              }
              return (int) number;
            })
        .orElseThrow();
  }

  /** A number within bounds. */
  double factor(String key, double least, double most) {
    return read(
            key,
            "a number from " + least + " to " + most,
            (holder, quoted) -> {
              double number = holder.getDouble(quoted);
              if (!(number >= least && number <= most)) {
                throw unfit(key);
              }
              return number;
            })
        .orElseThrow();
  }

  /** A fault that is not one of the value alone. */
  void fault(String key, String what) {
    ConfigValue value = values.get(key);
    faults.add(
        (value == null ? values : value).origin(), values.origin(), path + key + ": " + what);
  }

  /** Names of one's own choice and texts; those of the sections beneath are added. */
  Map<String, String> map(String key) {
    Map<String, String> all = new LinkedHashMap<>();
    if (otherwise != null) {
      all.putAll(otherwise.map(key));
    }
    ConfigSection section = own(key);
    for (String name : new TreeMap<>(section.values).keySet()) {
      section.read(name, "a text", Config::getString).ifPresent(text -> all.put(name, text));
    }
    return all;
  }

  /** The section below, over the same ones of the sections that this one is over. */
  ConfigSection section(String key) {
    ConfigSection own = own(key);
    return new ConfigSection(
        own.path, own.values, otherwise == null ? null : otherwise.section(key), faults);
  }

  private ConfigSection own(String key) {
    ConfigValue value = values.get(key);
    ConfigObject object = ConfigFactory.empty().root();
    if (value instanceof ConfigObject section) {
      object = section;
    } else if (says(key)) {
      faults.add(
          value.origin(), values.origin(), path + key + " is a section, not a value: { ... }");
    }
    return new ConfigSection(path + key + ".", object, null, faults);
  }

  /** That a value is what stands in the file, cut to a size that fits a line. */
  private static String shown(ConfigValue value) {
    if (value.origin().lineNumber() <= 0) {
      // From the environment, where secrets are.
      return " has a wrong value";
    }
    String text =
        value.valueType() == ConfigValueType.STRING
            ? "\"" + value.unwrapped() + "\""
            : value.render(ConfigRenderOptions.concise());
    return " is "
        + Printable.escape(
            text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...");
  }
}
