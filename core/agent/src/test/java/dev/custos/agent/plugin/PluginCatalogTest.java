package dev.custos.agent.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginCatalogTest {
  private static final String SPI = "0.1.0";

  @TempDir Path temp;

  private Path folder() {
    return temp.resolve("plugins");
  }

  private PluginCatalog open() throws PluginException {
    return PluginCatalog.open(folder(), SPI);
  }

  private void startStopsWith(String... parts) {
    assertThatExceptionOfType(PluginException.class)
        .isThrownBy(() -> open().close())
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  @Test
  void whatAJarProvidesIsFoundByName() throws PluginException {
    Path jar = PluginJar.withSink("alpha", "a").writeTo(folder().resolve("alpha.jar"));
    PluginJar.withSink("beta", "b").writeTo(folder().resolve("beta.jar"));
    try (PluginCatalog catalog = open()) {
      assertThat(catalog.sinks()).containsOnlyKeys("a", "b");
      assertThat(catalog.sinks().get("a").plugin())
          .isEqualTo(new PluginInfo("alpha", "1.2.3", jar));
      assertThat(catalog.plugins()).extracting(PluginInfo::id).containsExactly("alpha", "beta");
      assertThat(catalog.watchBackends()).isEmpty();
    }
  }

  @Test
  void aClassWithTwoRolesHasOneInstance() throws PluginException {
    PluginJar.named("two")
        .extension(
            "test.two.Provider",
            """
            package test.two;
            import dev.custos.spi.*;
            import dev.custos.spi.sink.*;
            import dev.custos.spi.watch.*;
            import java.util.Set;
            public class Provider implements WatchBackendProvider, SinkProvider {
              public String name() { return "two"; }
              public Availability probe() { return Availability.yes(); }
              public Capabilities capabilities() {
                return new Capabilities(Set.of(), false, false);
              }
              public WatchBackend open(BackendContext c) { return null; }
              public Sink open(SinkContext c) { return null; }
            }
            """)
        .writeTo(folder().resolve("two.jar"));
    try (PluginCatalog catalog = open()) {
      assertThat(catalog.sinks().get("two").provider())
          .isSameAs(catalog.watchBackends().get("two").provider());
    }
  }

  @Test
  void aFolderWithLibIsAPluginAndItsOtherJarsAreItsOwn() throws PluginException {
    PluginJar.withSink("boxed", "boxed").writeTo(folder().resolve("boxed/lib/plugin.jar"));
    PluginJar.named("ignored")
        .manifest("Plugin-Id", null)
        .source("dep.Helper", "package dep; public class Helper {}")
        .writeTo(folder().resolve("boxed/lib/a-dependency.jar"));
    try (PluginCatalog catalog = open()) {
      Object provider = catalog.sinks().get("boxed").provider();
      assertThat(provider.getClass().getClassLoader())
          .satisfies(loader -> assertThat(loader.loadClass("dep.Helper")).isNotNull());
    }
  }

  @Test
  void aPluginSeesTheSharedPackagesOfTheHostAndNothingElse() throws PluginException {
    PluginJar.withSink("alpha", "a").writeTo(folder().resolve("alpha.jar"));
    try (PluginCatalog catalog = open()) {
      ClassLoader plugin = catalog.sinks().get("a").provider().getClass().getClassLoader();
      for (String shared :
          List.of(
              "dev.custos.spi.Target",
              "dev.custos.linux.FileDescriptor",
              "org.pf4j.Extension",
              "org.pf4j.ExtensionPoint",
              "org.slf4j.Logger",
              "com.typesafe.config.Config",
              "jnr.ffi.Pointer",
              "com.kenai.jffi.Library",
              "java.sql.Connection")) {
        assertThat(plugin).satisfies(l -> assertThat(l.loadClass(shared)).isNotNull());
      }
      for (String hidden :
          List.of(
              "dev.custos.agent.plugin.PluginCatalog",
              "dev.custos.format.LineTemplate",
              "dev.custos.snapshot.NodeSnapshot",
              "org.pf4j.PluginManager",
              "org.pf4j.Plugin",
              "picocli.CommandLine",
              "com.codahale.metrics.Counter",
              "org.snakeyaml.engine.v2.api.Load",
              "org.junit.jupiter.api.Test")) {
        assertThatExceptionOfType(ClassNotFoundException.class)
            .as(hidden)
            .isThrownBy(() -> plugin.loadClass(hidden));
      }
      assertThat(plugin.getResource("version.txt")).isNull();
      assertThat(plugin.getResource("dev/custos/agent/bootstrap/version.txt")).isNull();
    }
  }

  @Test
  void onePluginDoesNotSeeAnother() throws PluginException {
    PluginJar.withSink("alpha", "a").writeTo(folder().resolve("alpha.jar"));
    PluginJar.withSink("beta", "b").writeTo(folder().resolve("beta.jar"));
    try (PluginCatalog catalog = open()) {
      ClassLoader alpha = catalog.sinks().get("a").provider().getClass().getClassLoader();
      assertThatExceptionOfType(ClassNotFoundException.class)
          .isThrownBy(() -> alpha.loadClass("test.beta.Provider"));
    }
  }

  @Test
  void aPluginsOwnDefaultsAreFoundAndTheHostsAreNot() throws PluginException {
    PluginJar.withSink("alpha", "a")
        .entry("reference.conf", "custos {}")
        .writeTo(folder().resolve("alpha.jar"));
    PluginJar.withSink("beta", "b").writeTo(folder().resolve("beta.jar"));
    try (PluginCatalog catalog = open()) {
      assertThat(catalog.defaults(catalog.plugins().get(0))).isPresent();
      assertThat(catalog.defaults(catalog.plugins().get(1))).isEmpty();
    }
  }

  @Test
  void aJarThatIsNoneStopsTheStart() throws IOException {
    Files.createDirectories(folder());
    Files.writeString(folder().resolve("broken.jar"), "not a zip");
    startStopsWith("broken.jar", "does not load");
  }

  @Test
  void aJarThatIsNoPluginStopsTheStart() {
    PluginJar.withSink("alpha", "a")
        .manifest("Plugin-Id", null)
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "Plugin-Id");
  }

  @Test
  void aPluginForAnotherSpiVersionStopsTheStart() {
    PluginJar.withSink("alpha", "a")
        .manifest("Plugin-Requires", ">=2.0.0")
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "requires SPI version >=2.0.0", "this agent has 0.1.0");
  }

  @Test
  void aPluginThatDoesNotSayItsSpiVersionStopsTheStart() {
    PluginJar.withSink("alpha", "a")
        .manifest("Plugin-Requires", null)
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "Plugin-Requires");
  }

  @Test
  void aSpiVersionThatIsNoneStopsTheStart() {
    PluginJar.withSink("alpha", "a")
        .manifest("Plugin-Requires", "sometimes")
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "does not load");
  }

  @Test
  void aPluginWithoutAnIndexStopsTheStart() {
    PluginJar.withSink("alpha", "a").withoutIndex().writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "extensions.idx", "annotation processor");
  }

  @Test
  void anIndexThatNamesAMissingClassStopsTheStart() {
    PluginJar.named("alpha")
        .entry("META-INF/extensions.idx", "test.Missing\n")
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "test.Missing");
  }

  @Test
  void aProviderThatFailsInItsConstructorStopsTheStartWithItsReason() {
    PluginJar.named("alpha")
        .extension(
            "test.alpha.Provider",
            """
            package test.alpha;
            import dev.custos.spi.sink.*;
            public class Provider implements SinkProvider {
              public Provider() { throw new IllegalStateException("no such luck"); }
              public String name() { return "a"; }
              public Sink open(SinkContext c) { return null; }
            }
            """)
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "no such luck");
  }

  @Test
  void anExtensionWithoutARoleStopsTheStart() {
    PluginJar.named("alpha")
        .extension("test.alpha.Other", "package test.alpha; public class Other {}")
        .writeTo(folder().resolve("alpha.jar"));
    startStopsWith("alpha.jar", "test.alpha.Other", "is no provider");
  }

  @Test
  void twoPluginsOfOneIdStopTheStart() {
    PluginJar.withSink("alpha", "a").writeTo(folder().resolve("alpha-1.jar"));
    PluginJar.withSink("alpha", "b").writeTo(folder().resolve("alpha-2.jar"));
    startStopsWith("alpha-2.jar", "already loaded plugin");
  }

  @Test
  void twoProvidersOfOneNameStopTheStart() {
    PluginJar.withSink("alpha", "same").writeTo(folder().resolve("alpha.jar"));
    PluginJar.withSink("beta", "same").writeTo(folder().resolve("beta.jar"));
    startStopsWith("sink named same", "alpha.jar", "beta.jar");
  }

  @Test
  void aLinkThatLeadsOutOfTheFolderStopsTheStart() throws IOException {
    Path outside = PluginJar.withSink("alpha", "a").writeTo(temp.resolve("outside/alpha.jar"));
    Files.createDirectories(folder());
    Files.createSymbolicLink(folder().resolve("alpha.jar"), outside);
    startStopsWith("alpha.jar", "outside the plugins folder");
  }

  @Test
  void aLibraryThatLeadsOutOfTheFolderStopsTheStart() throws IOException {
    Path outside = PluginJar.withSink("alpha", "a").writeTo(temp.resolve("outside/alpha.jar"));
    Files.createDirectories(folder().resolve("alpha/lib"));
    Files.createSymbolicLink(folder().resolve("alpha/lib/alpha.jar"), outside);
    startStopsWith("alpha.jar", "outside the plugins folder");
  }

  @Test
  void aDanglingLinkStopsTheStart() throws IOException {
    Files.createDirectories(folder());
    Files.createSymbolicLink(folder().resolve("alpha.jar"), folder().resolve("gone.jar"));
    startStopsWith("alpha.jar", "not there");
  }

  @Test
  void aZipStopsTheStart() throws IOException {
    Files.createDirectories(folder());
    Files.writeString(folder().resolve("alpha.zip"), "");
    startStopsWith("alpha.zip", "use a jar");
  }

  @Test
  void aMissingFolderStopsTheStart() {
    startStopsWith(folder().toString(), "custos.plugins.directory");
  }

  @Test
  void aRequiredPluginThatIsMissingIsNamed() throws PluginException {
    PluginJar.withSink("alpha", "a").writeTo(folder().resolve("alpha.jar"));
    try (PluginCatalog catalog = open()) {
      catalog.require(List.of("alpha"));
      assertThatExceptionOfType(PluginException.class)
          .isThrownBy(() -> catalog.require(List.of("alpha", "omega")))
          .withMessageContaining("omega");
    }
  }
}
