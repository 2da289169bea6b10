package dev.custos.agent.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.PluginRuntimeException;

/**
 * Reads who a plugin is from the manifest of its jar; for a folder, from that of the one jar in
 * {@code lib/} that bears a {@code Plugin-Id}, which {@link PluginFiles} puts first.
 */
final class DescriptorFinder extends ManifestPluginDescriptorFinder {
  @Override
  protected Manifest readManifest(Path pluginPath) {
    Path jar = PluginFiles.jarsOf(pluginPath).get(0);
    Manifest manifest = manifestOf(jar);
    if (manifest == null || manifest.getMainAttributes().getValue(PLUGIN_ID) == null) {
      throw new PluginRuntimeException(
          "no manifest with Plugin-Id in " + jar.getFileName() + "; is it a plugin?");
    }
    return manifest;
  }

  static Manifest manifestOf(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest();
    } catch (IOException e) {
      throw new PluginRuntimeException(
          e, "Cannot read manifest from " + jar.getFileName() + ": " + e.getMessage());
    }
  }
}
