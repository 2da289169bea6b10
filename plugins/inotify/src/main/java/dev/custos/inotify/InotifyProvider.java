package dev.custos.inotify;

import com.typesafe.config.Config;
import dev.custos.linux.NativeException;
import dev.custos.spi.Availability;
import dev.custos.spi.BackendContext;
import dev.custos.spi.BackendException;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.watch.Capabilities;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchBackendProvider;
import java.time.Duration;
import java.util.EnumSet;
import java.util.OptionalInt;
import org.pf4j.Extension;

/** Watches with inotify(7). */
@Extension
public final class InotifyProvider implements WatchBackendProvider {
  private final Duration retry;

  public InotifyProvider() {
    this(Duration.ofSeconds(10));
  }

  /** With another time until limits are tried again. */
  InotifyProvider(Duration retry) {
    this.retry = retry;
  }

  @Override
  public String name() {
    return "inotify";
  }

  @Override
  public Availability probe() {
    try {
      InotifyDescriptor.open().close();
      return Availability.yes();
    } catch (NativeException e) {
      return Availability.no("inotify_init1: " + Limits.instancesReason(e.errno()));
    } catch (LinkageError e) {
      return Availability.no("libc can't be loaded: " + e);
    }
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(EnumSet.allOf(ChangeKind.class), false, false);
  }

  @Override
  public WatchBackend open(BackendContext context) throws BackendException {
    Config config = context.config();
    Budget budget =
        new Budget(number(config, "max-per-target"), number(config, "max-total"), retry);
    try {
      return new InotifyBackend(context, budget);
    } catch (NativeException e) {
      throw new BackendException("inotify: " + e.getMessage(), e);
    }
  }

  private static OptionalInt number(Config config, String key) throws BackendException {
    if (!config.hasPath(key)) {
      return OptionalInt.empty();
    }
    int value = config.getInt(key);
    if (value < 1) {
      throw new BackendException("inotify: " + key + " is " + value + "; it must be 1 or more");
    }
    return OptionalInt.of(value);
  }
}
