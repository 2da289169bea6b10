package dev.custos.sinks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.sinks.http.HttpSinkProvider;
import dev.custos.sinks.stdout.StdoutSinkProvider;
import dev.custos.sinks.syslog.SyslogSinkProvider;
import java.nio.charset.StandardCharsets;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.pf4j.DefaultVersionManager;

/** Looks into the jar as it is shipped. */
class PluginJarIT {
  @Test
  void theJarListsItsProviders() throws Exception {
    try (JarFile jar = new JarFile(System.getProperty("plugin.jar"))) {
      byte[] index = jar.getInputStream(jar.getEntry("META-INF/extensions.idx")).readAllBytes();

      assertThat(new String(index, StandardCharsets.UTF_8).lines())
          .contains(
              StdoutSinkProvider.class.getName(),
              HttpSinkProvider.class.getName(),
              SyslogSinkProvider.class.getName());
    }
  }

  @Test
  void theManifestSaysWhoThePluginIsAndWhichSpiItNeeds() throws Exception {
    try (JarFile jar = new JarFile(System.getProperty("plugin.jar"))) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      String requires = manifest.getValue("Plugin-Requires");
      DefaultVersionManager versions = new DefaultVersionManager();

      assertThat(manifest.getValue("Plugin-Id")).isEqualTo("sinks");
      assertThat(manifest.getValue("Plugin-Version")).isNotBlank();
      assertThat(manifest.getValue("Plugin-Provider")).isNotBlank();
      assertThat(versions.checkVersionConstraint("0.1.0", requires)).isTrue();
      assertThat(versions.checkVersionConstraint("0.1.7", requires)).isTrue();
      assertThat(versions.checkVersionConstraint("0.2.0", requires)).isFalse();
    }
  }

  @Test
  void theJarHoldsNothingOfTheHosts() throws Exception {
    try (JarFile jar = new JarFile(System.getProperty("plugin.jar"))) {
      assertThat(jar.stream().map(entry -> entry.getName()).filter(name -> name.endsWith(".class")))
          .isNotEmpty()
          .allMatch(name -> name.startsWith("dev/custos/sinks/"));
    }
  }
}
