package dev.custos.agent.plugin;

import dev.custos.spi.guard.GuardBackendProvider;
import dev.custos.spi.scan.ScanBackendProvider;
import dev.custos.spi.sink.SinkProvider;
import dev.custos.spi.watch.WatchBackendProvider;
import java.io.Closeable;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.pf4j.PluginWrapper;
import org.slf4j.LoggerFactory;

/**
 * Everything that the plugins of one folder provide. Opening it either loads every plugin whole or
 * fails: an agent that misses a sink or a backend without a word would break its first promise.
 *
 * <p>A provider class has one instance, for all its roles. Immutable after {@link #open}.
 */
public final class PluginCatalog implements AutoCloseable {
  private final PluginHost host;
  private final List<PluginInfo> plugins = new ArrayList<>();
  private final Map<String, Provided<WatchBackendProvider>> watchBackends = new LinkedHashMap<>();
  private final Map<String, Provided<GuardBackendProvider>> guardBackends = new LinkedHashMap<>();
  private final Map<String, Provided<ScanBackendProvider>> scanBackends = new LinkedHashMap<>();
  private final Map<String, Provided<SinkProvider>> sinks = new LinkedHashMap<>();

  private PluginCatalog(PluginHost host) {
    this.host = host;
  }

  /**
   * Loads all plugins of a folder.
   *
   * @param spiVersion what {@code Plugin-Requires} is compared with, {@code 0.1.0}
   * @throws PluginException if one of them does not load, with PF4J's own reason
   */
  public static PluginCatalog open(Path directory, String spiVersion) throws PluginException {
    PluginHost host = new PluginHost(directory, spiVersion);
    PluginCatalog catalog = new PluginCatalog(host);
    try {
      host.loadAll(PluginFiles.in(directory));
      for (PluginWrapper plugin : host.getResolvedPlugins()) {
        catalog.take(plugin);
      }
      return catalog;
    } catch (PluginException | RuntimeException | Error e) {
      catalog.close();
      throw e;
    }
  }

  private void take(PluginWrapper plugin) throws PluginException {
    PluginInfo info =
        new PluginInfo(
            plugin.getPluginId(), plugin.getDescriptor().getVersion(), plugin.getPluginPath());
    Collection<String> names = new TreeSet<>(host.getExtensionClassNames(info.id()));
    if (names.isEmpty()) {
      throw new PluginException(
          describe(info)
              + " provides nothing: its META-INF/extensions.idx is missing or empty (was"
              + " it compiled with PF4J's annotation processor?)");
    }
    plugins.add(info);
    for (String name : names) {
      try {
        Class<?> type = plugin.getPluginClassLoader().loadClass(name);
        register(host.getExtensionFactory().create(type), info);
      } catch (ClassNotFoundException | RuntimeException | LinkageError e) {
        throw new PluginException(describe(info) + " does not load: " + name + ": " + reason(e), e);
      }
    }
  }

  private void register(Object provider, PluginInfo info) throws PluginException {
    boolean known = false;
    if (provider instanceof WatchBackendProvider p) {
      put(watchBackends, "watch backend", new Provided<>(p.name(), p, info));
      known = true;
    }
    if (provider instanceof GuardBackendProvider p) {
      put(guardBackends, "guard backend", new Provided<>(p.name(), p, info));
      known = true;
    }
    if (provider instanceof ScanBackendProvider p) {
      put(scanBackends, "scan backend", new Provided<>(p.name(), p, info));
      known = true;
    }
    if (provider instanceof SinkProvider p) {
      put(sinks, "sink", new Provided<>(p.name(), p, info));
      known = true;
    }
    if (!known) {
      throw new PluginException(
          describe(info)
              + " does not load: "
              + provider.getClass().getName()
              + " is no provider of watch backends, guard backends, scan backends or sinks");
    }
  }

  private static <T> void put(Map<String, Provided<T>> role, String what, Provided<T> provided)
      throws PluginException {
    Provided<T> other = role.putIfAbsent(provided.name(), provided);
    if (other != null) {
      throw new PluginException(
          "two plugins provide a "
              + what
              + " named "
              + provided.name()
              + ": "
              + other.plugin().file()
              + " and "
              + provided.plugin().file()
              + "; remove one");
    }
  }

  private static String describe(PluginInfo info) {
    return "plugin " + info.file() + " (" + info.id() + " " + info.version() + ")";
  }

  /**
   * Compares what a configuration asks for with what was found.
   *
   * @throws PluginException if one of {@code ids} is missing
   */
  public void require(Collection<String> ids) throws PluginException {
    for (String id : ids) {
      boolean found = false;
      for (PluginInfo plugin : plugins) {
        found |= plugin.id().equals(id);
      }
      if (!found) {
        throw new PluginException(
            "custos.plugins.required names "
                + id
                + ", and no plugin in "
                + host.getPluginsRoot()
                + " has that id");
      }
    }
  }

  public List<PluginInfo> plugins() {
    return Collections.unmodifiableList(plugins);
  }

  public Map<String, Provided<WatchBackendProvider>> watchBackends() {
    return Collections.unmodifiableMap(watchBackends);
  }

  public Map<String, Provided<GuardBackendProvider>> guardBackends() {
    return Collections.unmodifiableMap(guardBackends);
  }

  public Map<String, Provided<ScanBackendProvider>> scanBackends() {
    return Collections.unmodifiableMap(scanBackends);
  }

  public Map<String, Provided<SinkProvider>> sinks() {
    return Collections.unmodifiableMap(sinks);
  }

  /** Tries every backend. May take a moment: kernel calls are made. */
  public List<ProbedBackend> probe() {
    List<ProbedBackend> probed = new ArrayList<>();
    for (Provided<WatchBackendProvider> watch : watchBackends.values()) {
      probed.add(
          new ProbedBackend(watch.name(), ProbedBackend.Role.WATCH, watch.provider().probe()));
    }
    for (Provided<GuardBackendProvider> guard : guardBackends.values()) {
      probed.add(
          new ProbedBackend(guard.name(), ProbedBackend.Role.GUARD, guard.provider().probe()));
    }
    for (Provided<ScanBackendProvider> scan : scanBackends.values()) {
      probed.add(new ProbedBackend(scan.name(), ProbedBackend.Role.SCAN, scan.provider().probe()));
    }
    return probed;
  }

  /** The defaults of a plugin's own settings: the {@code reference.conf} in its jar, if any. */
  public Optional<URL> defaults(PluginInfo plugin) {
    return Optional.ofNullable(
        host.getPluginClassLoader(plugin.id()).getResource("reference.conf"));
  }

  /** Closes the jars. No provider may be used afterwards. */
  @Override
  public void close() {
    for (PluginWrapper plugin : host.getPlugins()) {
      if (plugin.getPluginClassLoader() instanceof Closeable loader) {
        try {
          loader.close();
        } catch (IOException e) {
          // Its descriptor is gone either way; the plugin itself was asked to end before.
          LoggerFactory.getLogger(PluginCatalog.class)
              .warn("Closing {} failed", plugin.getPluginPath(), e);
        }
      }
    }
  }

  /** The message of the exception and of what caused it, once each, on one line. */
  static String reason(Throwable thrown) {
    StringBuilder text = new StringBuilder();
    String last = "";
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      String message =
          t instanceof LinkageError || t instanceof ClassNotFoundException || t.getMessage() == null
              ? t.getClass().getSimpleName() + (t.getMessage() == null ? "" : " " + t.getMessage())
              : t.getMessage();
      if (!last.contains(message)) {
        text.append(text.length() == 0 ? "" : ": ").append(message.replace('\n', ' '));
        last = message;
      }
    }
    return text.toString();
  }
}
