package com.example.custos;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkContext;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.SinkProvider;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.pf4j.Extension;

/**
 * Makes sinks of type {@code rotating-file}. The annotation puts the class into the jar's {@code
 * META-INF/extensions.idx}, where the agent finds it.
 */
@Extension
public final class RotatingFileSinkProvider implements SinkProvider {
  private static final Set<String> KEYS = Set.of("path", "max-size", "keep");
  private static final long DEFAULT_MAX_SIZE = 10L << 20;
  private static final int DEFAULT_KEEP = 5;

  @Override
  public String name() {
    return "rotating-file";
  }

  @Override
  public Sink open(SinkContext context) throws SinkException {
    Config config = context.config();
    try {
      for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
        if (!KEYS.contains(entry.getKey())) {
          throw wrong(
              context,
              entry.getValue().origin().description(),
              "\""
                  + Printable.escape(entry.getKey())
                  + "\" is no key; there are path, max-size, keep");
        }
      }
      Path path = Path.of(config.getString("path"));
      if (!path.isAbsolute()) {
        throw wrong(context, where(config, "path"), "path: must begin with a slash");
      }
      long maxSize = config.hasPath("max-size") ? config.getBytes("max-size") : DEFAULT_MAX_SIZE;
      if (maxSize < 1) {
        throw wrong(context, where(config, "max-size"), "max-size: must be a byte at least");
      }
      int keep = config.hasPath("keep") ? config.getInt("keep") : DEFAULT_KEEP;
      if (keep < 1) {
        throw wrong(context, where(config, "keep"), "keep: must be 1 at least");
      }
      return new RotatingFileSink(path, maxSize, keep);
    } catch (InvalidPathException e) {
      throw wrong(context, where(config, "path"), "path: " + Printable.escape(e.getMessage()));
    } catch (ConfigException e) {
      // Missing, or of the wrong type: the message names file, line and key.
      throw SinkException.permanent("sink " + context.name() + ": " + e.getMessage(), e);
    }
  }

  private static String where(Config config, String key) {
    return config.getValue(key).origin().description();
  }

  private static SinkException wrong(SinkContext context, String where, String fault) {
    return SinkException.permanent(where + ": sink " + context.name() + ": " + fault, null);
  }
}
