package dev.custos.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.snapshot.SnapshotBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Whatever a file holds, reading it gives manifests and faults, and nothing else. */
class ManifestReaderPropertyTest {
  private static final String GOOD =
      """
      %YAML 1.2
      ---
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata: {name: site, namespace: shop}
      spec:
        logFormat: "{event:*<14} {path}"
        selector:
          matchExpressions: [{key: tier, operator: In, values: [a, 'b']}]
        subjects:
        - paths: [/a, "/b"]
          events: [create, all]
          recursive: true
          maxDepth: 2
          tags: {x: "1"}
      ---
      apiVersion: v1
      kind: List
      items:
      - apiVersion: januscontroller.clustergarage.io/v1alpha1
        kind: JanusGuard
        metadata: {<<: &n {name: keys}, labels: {a: &b b}, annotations: {b: *b}}
        spec: {subjects: [{deny: [/c], events: [open, modify], processes: {uids: [1]}}]}
      ...
      """;

  /**
   * A change of a file's bytes, each of which is a character of Latin-1 here.
   *
   * @param place as a share of the text
   * @param length how much is replaced there
   */
  private record Mutation(double place, int length, String by) {
    String apply(String bytes) {
      int at = (int) (bytes.length() * place);
      return bytes.substring(0, at) + by + bytes.substring(Math.min(bytes.length(), at + length));
    }
  }

  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Provide
  Arbitrary<byte[]> mutated() {
    Arbitrary<String> pieces =
        Arbitraries.oneOf(
            Arbitraries.of(
                    "\n",
                    "\t",
                    "- ",
                    ": ",
                    "{",
                    "}",
                    "[",
                    "]",
                    "&a ",
                    "*a",
                    "*b",
                    "!!",
                    "!x ",
                    "<<: ",
                    "? ",
                    "|\n",
                    ">-\n",
                    "\"",
                    "'",
                    "#",
                    "---\n",
                    "...\n",
                    "%YAML 9.9\n",
                    "~",
                    "null",
                    "\\x",
                    "\\u",
                    "\u0000",
                    "\ufeff",
                    "\u2028",
                    "9999999999999",
                    "-1",
                    "%TAG ! x\n",
                    "yes",
                    "{}",
                    "[]",
                    "''",
                    "%YAML 99999999999.1\n",
                    "`",
                    "@",
                    ",")
                .map(ManifestReaderPropertyTest::utf8),
            Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(3),
            Arbitraries.strings().ofMaxLength(5).map(ManifestReaderPropertyTest::utf8));
    return Combinators.combine(
            Arbitraries.doubles().between(0, 1), Arbitraries.integers().between(0, 12), pieces)
        .as(Mutation::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(
            mutations -> {
              String bytes = utf8(GOOD);
              for (Mutation mutation : mutations) {
                bytes = mutation.apply(bytes);
              }
              return bytes.getBytes(StandardCharsets.ISO_8859_1);
            });
  }

  @Test
  void theFileThatIsMutatedIsGood() {
    assertThat(ManifestReader.read("f.yaml", GOOD).manifests()).hasSize(2);
  }

  @Property(tries = 5000)
  void aMutatedFileGivesManifestsThatCanBeBuiltAndFaultsOfOneLine(@ForAll("mutated") byte[] bytes) {
    ReadResult result = ManifestReader.read("f.yaml", new ByteArrayInputStream(bytes));

    long lines = new String(bytes, StandardCharsets.UTF_8).lines().count() + 1;
    for (Fault fault : result.faults()) {
      assertThat(fault.line()).isBetween(0, (int) lines);
      assertThat(fault.toString()).startsWith("f.yaml").doesNotContainPattern("[\\p{Cntrl}\u2028]");
      assertThat(fault.message()).isNotBlank().hasSizeLessThan(1000);
    }
    assertThat(SnapshotBuilder.forHost("h", "n", result.manifests()).version()).hasSize(64);
  }

  @Property
  void anyTextIsReadWithoutThrowing(@ForAll String text) {
    assertThat(ManifestReader.read("f.yaml", text).manifests()).isEmpty();
  }
}
