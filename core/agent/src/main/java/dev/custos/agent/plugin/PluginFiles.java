package dev.custos.agent.plugin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Manifest;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.PluginRuntimeException;

/** What lies in the plugins folder. */
final class PluginFiles {
  private PluginFiles() {}

  /**
   * The plugins of a folder in the order of their names: jars, and folders with {@code lib/}.
   *
   * @throws PluginException if the folder can't be read, holds something that leads out of it, or
   *     could have been written by somebody whose code is not to run here
   */
  static List<Path> in(Path directory) throws PluginException {
    List<Path> found = new ArrayList<>();
    try {
      Path real = directory.toRealPath();
      PluginOwnership ownership = PluginOwnership.ofThisAgent();
      ownership.check(real);
      for (Path entry : sorted(real)) {
        String name = entry.getFileName().toString();
        if (name.endsWith(".zip")) {
          throw new PluginException(
              "plugin "
                  + entry
                  + " is a zip, which would have to be unpacked beside itself; use a"
                  + " jar, or a folder with lib/");
        }
        if (name.endsWith(".jar")) {
          mustStayBelow(real, entry, ownership);
          found.add(entry);
        } else if (Files.isDirectory(entry.resolve("lib"))) {
          mustStayBelow(real, entry, ownership);
          mustStayBelow(real, entry.resolve("lib"), ownership);
          for (Path jar : sorted(entry.resolve("lib"))) {
            mustStayBelow(real, jar, ownership);
          }
          found.add(entry);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new PluginException(
          "there is no plugins folder " + directory + "; set custos.plugins.directory", e);
    } catch (IOException e) {
      throw new PluginException("plugins folder " + directory + " can't be read: " + e, e);
    }
    return found;
  }

  /** A plugin's jars; the one that says who it is comes first. */
  static List<Path> jarsOf(Path plugin) {
    if (!Files.isDirectory(plugin)) {
      return List.of(plugin);
    }
    List<Path> jars = new ArrayList<>();
    boolean named = false;
    try {
      for (Path file : sorted(plugin.resolve("lib"))) {
        if (!file.getFileName().toString().endsWith(".jar")) {
          continue;
        }
        Manifest manifest = DescriptorFinder.manifestOf(file);
        boolean names =
            manifest != null
                && manifest.getMainAttributes().getValue(ManifestPluginDescriptorFinder.PLUGIN_ID)
                    != null;
        if (names && named) {
          throw new PluginRuntimeException("more than one jar in lib/ has a Plugin-Id");
        }
        named |= names;
        jars.add(names ? 0 : jars.size(), file);
      }
    } catch (IOException e) {
      throw new PluginRuntimeException(e, "Cannot list " + plugin.resolve("lib"));
    }
    if (jars.isEmpty()) {
      throw new PluginRuntimeException("there is no jar in lib/");
    }
    return jars;
  }

  private static void mustStayBelow(Path realDirectory, Path entry, PluginOwnership ownership)
      throws IOException, PluginException {
    Path real;
    try {
      real = entry.toRealPath();
    } catch (NoSuchFileException e) {
      throw new PluginException("plugin " + entry + " is a link to a file that is not there", e);
    }
    if (!real.startsWith(realDirectory)) {
      throw new PluginException(
          "plugin " + entry + " leads to " + real + ", outside the plugins folder; copy it there");
    }
    for (Path path = real; !path.equals(realDirectory); path = path.getParent()) {
      ownership.check(path);
    }
  }

  private static List<Path> sorted(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        entries.add(entry);
      }
    }
    entries.sort(null);
    return entries;
  }
}
