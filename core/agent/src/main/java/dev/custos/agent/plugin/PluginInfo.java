package dev.custos.agent.plugin;

import java.nio.file.Path;

/**
 * A loaded plugin, by its manifest.
 *
 * @param id {@code Plugin-Id}
 * @param version {@code Plugin-Version}
 * @param file the jar, or the folder that holds {@code lib/}
 */
public record PluginInfo(String id, String version, Path file) {}
