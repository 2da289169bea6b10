package dev.custos.agent.plugin;

import java.nio.file.Path;
import java.util.List;
import org.pf4j.AbstractPluginManager;
import org.pf4j.ClassLoadingStrategy;
import org.pf4j.DefaultExtensionFactory;
import org.pf4j.DefaultPluginFactory;
import org.pf4j.DefaultVersionManager;
import org.pf4j.ExtensionFactory;
import org.pf4j.ExtensionFinder;
import org.pf4j.LegacyExtensionFinder;
import org.pf4j.PluginClassLoader;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRepository;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginStatusProvider;
import org.pf4j.PluginWrapper;
import org.pf4j.VersionManager;

/**
 * PF4J with what it would log turned into exceptions, and with the host's insides hidden from
 * plugins. It looks for no plugin by itself: it is told each path.
 */
final class PluginHost extends AbstractPluginManager {
  private static final ClassLoader HOST = PluginHost.class.getClassLoader();

  PluginHost(Path directory, String spiVersion) {
    super(directory);
    setSystemVersion(spiVersion);
  }

  /** Loads all of them, then ties together those that depend on each other. */
  void loadAll(List<Path> paths) throws PluginException {
    for (Path path : paths) {
      try {
        loadPluginFromPath(path);
      } catch (RuntimeException | LinkageError e) {
        // PF4J wraps some causes and lets others through; both are a plugin that does not load.
        throw new PluginException(
            "plugin " + path + " does not load: " + PluginCatalog.reason(e), e);
      }
    }
    try {
      resolvePlugins();
    } catch (RuntimeException e) {
      throw new PluginException(
          "plugins in " + getPluginsRoot() + " do not fit together: " + PluginCatalog.reason(e), e);
    }
  }

  /** Stricter than PF4J, which takes a plugin without {@code Plugin-Requires} for any version. */
  @Override
  protected boolean isPluginValid(PluginWrapper plugin) {
    String requires = plugin.getDescriptor().getRequires().trim();
    if (requires.isEmpty() || requires.equals("*")) {
      throw new PluginRuntimeException(
          "its manifest has no Plugin-Requires, which names the SPI version it is built for, such"
              + " as >="
              + systemVersion);
    }
    // PF4J reads a bare version as the lowest one.
    String constraint = isDigit(requires.charAt(0)) ? ">=" + requires : requires;
    if (!versionManager.checkVersionConstraint(systemVersion, constraint)) {
      throw new PluginRuntimeException(
          "it requires SPI version " + requires + ", and this agent has " + systemVersion);
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  @Override
  protected PluginRepository createPluginRepository() {
    return new NoRepository();
  }

  @Override
  protected PluginFactory createPluginFactory() {
    return new DefaultPluginFactory();
  }

  @Override
  protected ExtensionFactory createExtensionFactory() {
    return new DefaultExtensionFactory();
  }

  @Override
  protected PluginDescriptorFinder createPluginDescriptorFinder() {
    return new DescriptorFinder();
  }

  @Override
  protected ExtensionFinder createExtensionFinder() {
    return new LegacyExtensionFinder(this);
  }

  @Override
  protected PluginStatusProvider createPluginStatusProvider() {
    return new AllEnabled();
  }

  @Override
  protected PluginLoader createPluginLoader() {
    return new IsolatedLoader(this);
  }

  @Override
  protected VersionManager createVersionManager() {
    return new DefaultVersionManager();
  }

  /** Puts each plugin into a class loader of its own, below the shared packages. */
  private static final class IsolatedLoader implements PluginLoader {
    private final PluginHost host;

    IsolatedLoader(PluginHost host) {
      this.host = host;
    }

    @Override
    public boolean isApplicable(Path pluginPath) {
      return true;
    }

    @Override
    public ClassLoader loadPlugin(Path pluginPath, PluginDescriptor descriptor) {
      // The parent first: it shows nothing but what must not exist twice.
      PluginClassLoader loader =
          new PluginClassLoader(
              host, descriptor, new SharedPackages(HOST), ClassLoadingStrategy.APD);
      for (Path jar : PluginFiles.jarsOf(pluginPath)) {
        loader.addFile(jar.toFile());
      }
      return loader;
    }
  }

  /** Paths come from {@link PluginFiles}, and nothing is ever deleted. */
  private static final class NoRepository implements PluginRepository {
    @Override
    public List<Path> getPluginPaths() {
      return List.of();
    }

    @Override
    public boolean deletePluginPath(Path pluginPath) {
      return false;
    }
  }

  /** Whoever does not want a plugin takes it out of the folder. */
  private static final class AllEnabled implements PluginStatusProvider {
    @Override
    public boolean isPluginDisabled(String pluginId) {
      return false;
    }

    @Override
    public void disablePlugin(String pluginId) {
      throw new UnsupportedOperationException("plugins are taken out of the folder instead");
    }

    @Override
    public void enablePlugin(String pluginId) {
      throw new UnsupportedOperationException("plugins are put into the folder instead");
    }
  }
}
