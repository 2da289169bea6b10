package dev.custos.inotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import dev.custos.spi.watch.WatchBackendProvider;
import dev.custos.testkit.WatchBackendContract;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

class InotifyContractTest extends WatchBackendContract {
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final Map<String, FileDescriptor> roots = new HashMap<>();

  @Override
  protected WatchBackendProvider provider() {
    return new InotifyProvider();
  }

  @Override
  protected Target target(Path root) {
    try {
      FileDescriptor fd = PathOpener.openRoot(root.toString());
      String id = "target-" + COUNTER.incrementAndGet();
      roots.put(id, fd);
      return new Target(
          id,
          Origin.ofNode("node"),
          fd.number(),
          OptionalInt.empty(),
          OptionalLong.empty(),
          Path.of("/proc/self/mountinfo"));
    } catch (NativeException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected void release(Target target) {
    roots.remove(target.id()).close();
  }
}
