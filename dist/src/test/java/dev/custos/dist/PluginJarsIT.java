package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Opens the jars that users get. */
class PluginJarsIT {
  /** JVMS 17, table 4.1-A. */
  private static final int JAVA_17 = 61;

  static List<Path> plugins() throws IOException {
    return Distribution.jars("plugins");
  }

  static List<Path> ours() throws IOException {
    return Stream.concat(plugins().stream(), Distribution.jars("lib").stream())
        .filter(jar -> jar.getFileName().toString().startsWith("custos-"))
        .toList();
  }

  @Test
  void theDistributionHasItsPlugins() throws IOException {
    assertThat(plugins())
        .extracting(jar -> jar.getFileName().toString().replaceFirst("-[0-9].*", ""))
        .containsExactly("custos-plugin-fanotify", "custos-plugin-inotify", "custos-plugin-sinks");
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void aPluginListsExtensionsThatItHas(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      JarEntry index = jar.getJarEntry("META-INF/extensions.idx");
      assertThat(index).as("extensions.idx").isNotNull();
      try (InputStream in = jar.getInputStream(index)) {
        List<String> extensions =
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        assertThat(extensions)
            .isNotEmpty()
            .allMatch(name -> jar.getJarEntry(name.replace('.', '/') + ".class") != null);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void aPluginSaysWhatItIsAndWhatItNeeds(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(Stream.of("Plugin-Id", "Plugin-Version", "Plugin-Requires", "Plugin-Provider"))
          .allSatisfy(key -> assertThat(manifest.getValue(key)).as(key).isNotBlank());
    }
  }

  /** A second copy of a shared class is another class: the plugin's extensions would vanish. */
  @ParameterizedTest
  @MethodSource("plugins")
  void aPluginHasNoCopyOfWhatTheHostShares(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      assertThat(jar.stream().map(JarEntry::getName))
          .noneMatch(
              name ->
                  Stream.of(
                          "dev/custos/spi/",
                          "dev/custos/linux/",
                          "org/pf4j/",
                          "org/slf4j/",
                          "com/typesafe/config/",
                          "jnr/",
                          "com/kenai/")
                      .anyMatch(name::startsWith));
    }
  }

  @ParameterizedTest
  @MethodSource("ours")
  void ourClassesRunOnJava17(Path path) throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      List<JarEntry> classes =
          jar.stream().filter(entry -> entry.getName().endsWith(".class")).toList();
      assertThat(classes).isNotEmpty();
      for (JarEntry entry : classes) {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
          in.skipBytes(6); // magic, minor version
          assertThat(in.readUnsignedShort()).as(entry.getName()).isEqualTo(JAVA_17);
        }
      }
    }
  }
}
