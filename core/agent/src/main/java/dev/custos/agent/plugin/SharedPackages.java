package dev.custos.agent.plugin;

/**
 * What a plugin sees of the host: the SPI, the Linux calls, the libraries that there must be only
 * one of, and the JDK. Everything else of the host does not exist for it, so that its own copy of a
 * library is never mixed with the host's.
 */
final class SharedPackages extends ClassLoader {
  private static final String[] PREFIXES = {
    "dev.custos.spi.",
    "dev.custos.linux.",
    "org.slf4j.",
    "com.typesafe.config.",
    "jnr.",
    "com.kenai.jffi.",
  };

  static {
    registerAsParallelCapable();
  }

  private final ClassLoader host;

  SharedPackages(ClassLoader host) {
    // The parent serves resources; of those the host shares none.
    super(ClassLoader.getPlatformClassLoader());
    this.host = host;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return isShared(name) ? host.loadClass(name) : getParent().loadClass(name);
  }

  static boolean isShared(String className) {
    for (String prefix : PREFIXES) {
      if (className.startsWith(prefix)) {
        return true;
      }
    }
    return className.equals("org.pf4j.Extension") || className.equals("org.pf4j.ExtensionPoint");
  }
}
