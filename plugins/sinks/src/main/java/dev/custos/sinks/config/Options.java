package dev.custos.sinks.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The keys of one sink, or of a section within it. Whatever is wrong becomes a {@link
 * SinkException} that names file and line, sink, key, what may stand there, and the nearest of it.
 *
 * <p>Defaults are not known here: the host lays what is configured over the plugin's {@code
 * reference.conf}. So a key that is absent is an error, but for {@link #word}.
 */
public final class Options {
  private final String sink;
  // Of the section, with a dot at its end: "tls."
  private final String prefix;
  private final Config config;
  // Where secrets may be.
  private final Map<String, String> environment;

  public Options(SinkContext context) {
    this(context.name(), "", context.config(), System.getenv());
  }

  private Options(String sink, String prefix, Config config, Map<String, String> environment) {
    this.sink = sink;
    this.prefix = prefix;
    this.config = config;
    this.environment = environment;
  }

  /**
   * The keys of a sink over the defaults of its type, those of {@code custos.sink-types} in the
   * plugin's {@code reference.conf}. The host has laid them over each other already; other hosts,
   * such as a test, need not. Refuses every key that the defaults don't have, at any depth; a
   * section that is empty there takes any.
   *
   * @param loader that of the plugin, whose {@code reference.conf} is meant
   */
  public static Options over(SinkContext context, ClassLoader loader, String type)
      throws SinkException {
    Config defaults =
        ConfigFactory.parseResources(loader, "reference.conf")
            .getConfig("custos.sink-types." + quoted(type));
    new Options(context).allowAsIn(defaults.root());
    return new Options(
        context.name(), "", context.config().withFallback(defaults), System.getenv());
  }

  private void allowAsIn(ConfigObject defaults) throws SinkException {
    allow(new TreeMap<>(defaults).keySet().toArray(String[]::new));
    for (Map.Entry<String, ConfigValue> entry : defaults.entrySet()) {
      String key = entry.getKey();
      if (entry.getValue() instanceof ConfigObject keys && !keys.isEmpty() && has(key)) {
        section(key).allowAsIn(keys);
      }
    }
  }

  /** The same with another environment to look for secrets in. */
  public Options withEnvironment(Map<String, String> other) {
    return new Options(sink, prefix, config, Map.copyOf(other));
  }

  /** The name that the configuration gives the sink. */
  public String sink() {
    return sink;
  }

  /** Refuses every key but these. */
  public void allow(String... keys) throws SinkException {
    List<String> allowed = List.of(keys);
    for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(config.root()).entrySet()) {
      if (!allowed.contains(entry.getKey())) {
        String key = Printable.escape(prefix + entry.getKey());
        throw wrong(
            entry.getValue(),
            "\"" + key + "\" is not a key of this sink; " + expected(entry.getKey(), allowed));
      }
    }
  }

  /** The keys that are there, in the order of their names. */
  public List<String> keys() {
    return List.copyOf(new TreeMap<>(config.root()).keySet());
  }

  /** Whether the key is there, and not null. */
  public boolean has(String key) {
    ConfigValue value = config.root().get(key);
    return value != null && value.valueType() != ConfigValueType.NULL;
  }

  /** The keys of a section. */
  public Options section(String key) throws SinkException {
    ConfigValue value = value(key, "a section");
    if (value instanceof ConfigObject object) {
      return new Options(sink, prefix + key + ".", object.toConfig(), environment);
    }
    throw wrong(key, "expected a section: " + key + " { ... }");
  }

  /** The value of a key that takes one of a few words; the first word if the key is absent. */
  public String word(String key, String... words) throws SinkException {
    ConfigValue value = config.root().get(key);
    if (value == null) {
      return words[0];
    }
    List<String> allowed = List.of(words);
    String given = String.valueOf(value.unwrapped());
    if (value.valueType() == ConfigValueType.STRING && allowed.contains(given)) {
      return given;
    }
    throw wrong(
        value,
        prefix + key + ": \"" + shown(value) + "\" is not known; " + expected(given, allowed));
  }

  /** Refuses a word among those that a key takes several of, if it is none of these. */
  public void oneOf(String key, String given, String... words) throws SinkException {
    List<String> allowed = List.of(words);
    if (!allowed.contains(given)) {
      throw wrong(
          key, "\"" + Printable.escape(given) + "\" is not known; " + expected(given, allowed));
    }
  }

  /** A text; may be empty. A number counts as one. */
  public String text(String key) throws SinkException {
    ConfigValue value = value(key, "a text");
    return switch (value.valueType()) {
      case STRING, NUMBER -> String.valueOf(value.unwrapped());
      default -> throw unusable(key, value, "a text");
    };
  }

  /** A list of texts. */
  public List<String> texts(String key) throws SinkException {
    ConfigValue value = value(key, "a list of texts");
    List<String> texts = new ArrayList<>();
    if (!(value.unwrapped() instanceof List<?> list)) {
      throw unusable(key, value, "a list of texts");
    }
    for (Object text : list) {
      if (!(text instanceof String string)) {
        throw unusable(key, value, "a list of texts");
      }
      texts.add(string);
    }
    return texts;
  }

  /** A file's path; none if the text is empty. */
  public Optional<Path> file(String key) throws SinkException {
    String text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      throw unusable(key, config.root().get(key), "the path of a file");
    }
  }

  /** {@code true} or {@code false}. */
  public boolean flag(String key) throws SinkException {
    ConfigValue value = value(key, "true or false");
    try {
      return config.getBoolean(quoted(key));
    } catch (ConfigException e) {
      throw unusable(key, value, "true or false");
    }
  }

  /** A time with a unit, within these bounds. */
  public Duration duration(String key, Duration least, Duration most) throws SinkException {
    String bounds =
        "a time from " + shown(least) + " to " + shown(most) + " with its unit, such as 10s";
    ConfigValue value = value(key, bounds);
    try {
      Duration duration = config.getDuration(quoted(key));
      // A bare number would be milliseconds, which nobody expects.
      boolean unit = value.valueType() == ConfigValueType.STRING && !digits(value);
      if (unit && duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
        return duration;
      }
    } catch (ConfigException e) {
      throw unusable(key, value, bounds);
    }
    throw unusable(key, value, bounds);
  }

  /** A size in bytes, with or without a unit, within these bounds. */
  public long bytes(String key, long least, long most) throws SinkException {
    String bounds = "a size from " + least + " to " + most + " bytes, such as 8KiB";
    ConfigValue value = value(key, bounds);
    try {
      long bytes = config.getBytes(quoted(key));
      if (bytes >= least && bytes <= most) {
        return bytes;
      }
    } catch (ConfigException e) {
      throw unusable(key, value, bounds);
    }
    throw unusable(key, value, bounds);
  }

  /** A whole number within these bounds. */
  public int number(String key, int least, int most) throws SinkException {
    String bounds = "a whole number from " + least + " to " + most;
    ConfigValue value = value(key, bounds);
    try {
      long number = config.getLong(quoted(key));
      if (number == config.getDouble(quoted(key)) && number >= least && number <= most) {
        return (int) number;
      }
    } catch (ConfigException e) {
      throw unusable(key, value, bounds);
    }
    throw unusable(key, value, bounds);
  }

  /** Whole numbers within these bounds. */
  public List<Integer> numbers(String key, int least, int most) throws SinkException {
    String bounds = "a list of whole numbers from " + least + " to " + most;
    ConfigValue value = value(key, bounds);
    try {
      List<Integer> numbers = config.getIntList(quoted(key));
      if (numbers.stream().allMatch(number -> number >= least && number <= most)) {
        return List.copyOf(numbers);
      }
    } catch (ConfigException e) {
      throw unusable(key, value, bounds);
    }
    throw unusable(key, value, bounds);
  }

  /**
   * A secret: {@code token { file = "/etc/custos/token" }} or {@code token { env = TOKEN }}. Read
   * once at once, so that a secret that is missing stops the start.
   */
  public Secret secret(String key) throws SinkException {
    String expected = "expected " + key + " { file = \"/path\" } or " + key + " { env = NAME }";
    if (!(value(key, "a secret") instanceof ConfigObject)) {
      // Without the value: it may be the secret.
      throw wrong(key, "a secret must not stand in the configuration; " + expected);
    }
    Options place = section(key);
    place.allow("file", "env");
    if (place.has("file") == place.has("env")) {
      throw wrong(key, expected);
    }
    if (place.has("file") && !place.file("file").map(Path::isAbsolute).orElse(false)) {
      throw place.wrong("file", "expected a path that begins with /");
    }
    try {
      Secret secret =
          place.has("env")
              ? Secret.ofEnvironment(prefix + key, place.text("env"), environment)
              : Secret.ofFile(prefix + key, place.file("file").orElseThrow());
      secret.value();
      return secret;
    } catch (SinkException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.startsWith(prefix + key + ": ")) {
        throw e;
      }
      throw wrong(config.root().get(key), message);
    }
  }

  /** An error about the value of a key; the sentence goes on after {@code key: }. */
  public SinkException wrong(String key, String fault) {
    ConfigValue value = config.root().get(key);
    String message = prefix + key + ": " + fault;
    return wrong(value == null ? config.root() : value, message);
  }

  private ConfigValue value(String key, String expected) throws SinkException {
    ConfigValue value = config.root().get(key);
    if (value == null) {
      throw wrong(config.root(), prefix + key + " is missing; expected " + expected);
    }
    return value;
  }

  private SinkException unusable(String key, ConfigValue value, String expected) {
    return wrong(
        value, prefix + key + ": \"" + shown(value) + "\" can't be used; expected " + expected);
  }

  private SinkException wrong(ConfigValue at, String fault) {
    String message = at.origin().description() + ": sink " + sink + ": " + fault;
    return SinkException.permanent(message, null);
  }

  private static String quoted(String key) {
    return ConfigUtil.quoteString(key);
  }

  private static boolean digits(ConfigValue value) {
    return String.valueOf(value.unwrapped()).strip().chars().allMatch(Character::isDigit);
  }

  private static String shown(ConfigValue value) {
    return Printable.escape(
        value.valueType() == ConfigValueType.STRING
            ? String.valueOf(value.unwrapped())
            : value.render(ConfigRenderOptions.concise()));
  }

  private static String shown(Duration duration) {
    if (duration.toMillis() % 1000 != 0 || duration.isZero()) {
      return duration.toMillis() + "ms";
    }
    long seconds = duration.toSeconds();
    return seconds % 3600 == 0
        ? seconds / 3600 + "h"
        : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  private static String expected(String given, List<String> allowed) {
    Optional<String> near = NearestWord.to(given, allowed);
    return "expected "
        + String.join(" or ", allowed)
        + near.map(word -> "; did you mean \"" + word + "\"?").orElse("");
  }
}
