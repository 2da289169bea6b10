package dev.custos.agent.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who else could have put code into the plugins folder. */
class PluginOwnershipTest {
  private static final int SOMEBODY = 12345;

  @TempDir Path temp;
  private Path folder;
  private Path jar;
  private Path boxed;

  @BeforeEach
  void makeTwoPlugins() throws IOException {
    folder = temp.resolve("plugins");
    jar = PluginJar.withSink("alpha", "a").writeTo(folder.resolve("alpha.jar"));
    boxed = PluginJar.withSink("boxed", "b").writeTo(folder.resolve("boxed/lib/plugin.jar"));
    for (Path path : new Path[] {folder, boxed.getParent(), boxed.getParent().getParent()}) {
      mode(path, "rwxr-xr-x");
    }
    mode(jar, "rw-r--r--");
    mode(boxed, "rw-r--r--");
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private void startStopsAt(Path path, String... parts) {
    assertThatExceptionOfType(PluginException.class)
        .isThrownBy(() -> PluginCatalog.open(folder, "0.1.0").close())
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .startsWith(path + " ")
                    .contains(parts)
                    .doesNotContain("\n"));
  }

  private void starts() throws PluginException {
    try (PluginCatalog catalog = PluginCatalog.open(folder, "0.1.0")) {
      assertThat(catalog.sinks()).containsOnlyKeys("a", "b");
    }
  }

  private static void needsRoot() {
    boolean inCi = "true".equals(System.getenv("CI"));
    assumeTrue(inCi || "root".equals(System.getProperty("user.name")), "chown needs root");
  }

  @Test
  void aFolderThatAnybodyMayWriteStopsTheStart() throws IOException, PluginException {
    starts();
    mode(folder, "rwxr-xrwx");
    startStopsAt(folder.toRealPath(), "written by others (mode 757)", "chmod go-w " + folder);
  }

  @Test
  void aPluginThatAnybodyMayWriteStopsTheStart() throws IOException {
    mode(jar, "rw-r--rw-");
    startStopsAt(jar.toRealPath(), "mode 646");
    mode(jar, "rw-r--r--");
    mode(boxed, "rw-r--rw-");
    startStopsAt(boxed.toRealPath(), "mode 646");
    mode(boxed, "rw-r--r--");
    mode(boxed.getParent(), "rwxr-xrwx");
    startStopsAt(boxed.getParent().toRealPath(), "mode 757");
  }

  @Test
  void aFolderBetweenALinkAndItsPluginCountsToo() throws IOException {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.move(jar, open.resolve("alpha.bin"));
    Files.createSymbolicLink(jar, open.resolve("alpha.bin"));
    mode(open, "rwxrwxrwx");
    startStopsAt(open.toRealPath(), "mode 777");
  }

  @Test
  void aGroupThatMayWriteStopsTheStartUnlessItIsTheOwnersOwn() throws Exception {
    needsRoot();
    mode(folder, "rwxrwxr-x");
    starts();
    Files.setAttribute(folder, "unix:gid", SOMEBODY);
    startStopsAt(folder.toRealPath(), "mode 775");
  }

  @Test
  void aFolderOrPluginOfSomebodyElseStopsTheStart() throws Exception {
    needsRoot();
    Files.setAttribute(jar, "unix:uid", SOMEBODY);
    startStopsAt(jar.toRealPath(), "belongs to user " + SOMEBODY, "chown root ");
    Files.setAttribute(jar, "unix:uid", 0);
    starts();
    Files.setAttribute(folder, "unix:uid", SOMEBODY);
    startStopsAt(folder.toRealPath(), "belongs to user " + SOMEBODY);
  }
}
