package dev.custos.manifest;

import static dev.custos.manifest.Examples.GUARD;
import static dev.custos.manifest.Examples.WATCHER;
import static dev.custos.manifest.Examples.faults;
import static dev.custos.manifest.Examples.read;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, folders and streams, and YAML as people write it. */
class ManifestFilesTest {
  @Test
  void theSameResourceInTwoFilesIsAnErrorThatNamesTheFirst(@TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("a.yaml"), WATCHER);
    Files.writeString(
        folder.resolve("b.yml"), WATCHER.replace("name: web", "name: web\n  namespace: default"));
    Files.writeString(folder.resolve(".hidden.yaml"), "[");
    Files.writeString(folder.resolve("notes.txt"), "[");

    ReadResult result = ManifestReader.read(List.of(folder));

    assertThat(result.manifests()).hasSize(1);
    assertThat(result.faults())
        .singleElement()
        .hasToString(
            folder
                + "/b.yml:4: ArgusWatcher default/web: metadata.name: the same resource is at "
                + folder
                + "/a.yaml:4 already");
  }

  @Test
  void aFileThatIsNotThereIsAFault(@TempDir Path folder) {
    Path file = folder.resolve("none.yaml");

    assertThat(ManifestReader.read(List.of(file)).faults())
        .singleElement()
        .hasToString(file + ": can't be read: there is no such file");
  }

  @Test
  void aFolderWithoutManifestsIsAWarning(@TempDir Path folder) {
    ReadResult result = ManifestReader.read(List.of(folder));

    assertThat(result.hasErrors()).isFalse();
    assertThat(result.faults()).hasSize(1);
  }

  @Test
  void aStreamThatIsNotUtf8IsAFaultOnItsLine() {
    byte[] bytes = ("# a\n# b " + "\u00e9\n").getBytes(StandardCharsets.ISO_8859_1);

    assertThat(ManifestReader.read("stdin", new ByteArrayInputStream(bytes)).faults())
        .singleElement()
        .hasToString("stdin:2: is not UTF-8 here: byte 0xe9");
  }

  @Test
  void aStreamThatFailsIsAFault() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("device is gone");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };

    assertThat(ManifestReader.read("stdin", broken).faults())
        .singleElement()
        .hasToString("stdin: can't be read: device is gone");
  }

  @Test
  void aByteOrderMarkAndWindowsLineEndsAreNoFault() {
    assertThat(faults("\ufeff" + WATCHER.replace("\n", "\r\n"))).isEmpty();
  }

  @Test
  void directivesCommentsAndDocumentEndsAreNoFault() {
    String text =
        "# head\n%YAML 1.2\n---\n" + WATCHER + "...\n# next\n---\n" + GUARD + "...\n\n---\n";

    assertThat(faults(text)).isEmpty();
    assertThat(read(text).manifests()).hasSize(2);
  }

  @Test
  void aliasesAndMergeKeysAreResolved() {
    String text =
        WATCHER.replace("  - paths:", "  - &base\n    tags: {a: b}\n    paths:")
            + "  - <<: *base\n    paths: [/srv]\n";

    Manifest.Watcher watcher = (Manifest.Watcher) read(text).manifests().get(0);
    assertThat(faults(text)).isEmpty();
    assertThat(watcher.spec().subjects().get(1))
        .isEqualTo(
            new WatcherSpec.Subject(
                List.of("/srv"),
                List.of("modify"),
                null,
                false,
                false,
                0,
                false,
                Map.of("a", "b")));
  }

  @Test
  void aKeyThatIsThereTwiceIsAnError() {
    assertThat(faults(WATCHER + "    events: [all]\n"))
        .containsExactly("web.yaml:14: the key \"events\" is here twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n", "~\n"})
  void aFileWithoutAnyResourceIsAWarning(String text) {
    assertThat(faults(text)).containsExactly("web.yaml: holds no resource");
  }

  @ParameterizedTest
  @ValueSource(strings = {"just text\n", "[a, b]\n", "5\n"})
  void aDocumentThatIsNoMappingIsAnError(String text) {
    assertThat(faults(text))
        .singleElement()
        .asString()
        .startsWith("web.yaml:1: a document must be a resource, a mapping, but is ");
  }
}
