package dev.custos.sinks.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The keys of one sink. Whatever is wrong becomes a {@link SinkException} that names file and line,
 * sink, key, what may stand there, and the nearest of it.
 */
public final class Options {
  private final String sink;
  private final Config config;

  public Options(SinkContext context) {
    this.sink = context.name();
    this.config = context.config();
  }

  /** Refuses every key but these. */
  public void allow(String... keys) throws SinkException {
    List<String> allowed = List.of(keys);
    for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(config.root()).entrySet()) {
      if (!allowed.contains(entry.getKey())) {
        String key = Printable.escape(entry.getKey());
        throw wrong(
            entry.getValue(),
            "\"" + key + "\" is not a key of this sink; " + expected(entry.getKey(), allowed));
      }
    }
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
    String shown =
        value.valueType() == ConfigValueType.STRING
            ? given
            : value.render(ConfigRenderOptions.concise());
    throw wrong(
        value,
        key + ": \"" + Printable.escape(shown) + "\" is not known; " + expected(given, allowed));
  }

  private SinkException wrong(ConfigValue at, String fault) {
    String message = at.origin().description() + ": sink " + sink + ": " + fault;
    return SinkException.permanent(message, null);
  }

  private static String expected(String given, List<String> allowed) {
    Optional<String> near = NearestWord.to(given, allowed);
    return "expected "
        + String.join(" or ", allowed)
        + near.map(word -> "; did you mean \"" + word + "\"?").orElse("");
  }
}
