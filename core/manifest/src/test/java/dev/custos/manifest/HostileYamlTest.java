package dev.custos.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Input that was made to harm: each is one fault, told at once. */
class HostileYamlTest {
  private static List<String> faults(String text) {
    return ManifestReader.read("web.yaml", text).faults().stream().map(Fault::toString).toList();
  }

  @Test
  void anAliasBombIsAnErrorAtOnce() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1));
    }

    assertThat(faults(bomb.toString()))
        .singleElement()
        .asString()
        .endsWith("more than 500000 values, with aliases written out");
  }

  @Test
  void anAliasOfWhatHoldsItIsAnError() {
    assertThat(faults("a: &a [*a]\n"))
        .containsExactly("web.yaml:1: the alias *a has no anchor &a that ends before it");
  }

  @Test
  void deepNestingIsAnErrorAtOnce() {
    assertThat(faults("[".repeat(1_000_000)))
        .containsExactly("web.yaml:1: nested deeper than 64 levels");
  }

  @Test
  void aFileBeyondTheLimitIsAnError() {
    assertThat(faults("#".repeat(ManifestReader.MAX_BYTES + 1)))
        .containsExactly("web.yaml: larger than 4 MiB, which is more than is read; split the file");
  }

  @Test
  void moreFaultsThanAnyoneReadsAreCounted() {
    String text =
        Examples.WATCHER.replace("    - modify", "    - x\n".repeat(1500).stripTrailing());

    List<String> faults = faults(text);
    assertThat(faults).hasSize(1001);
    assertThat(faults.get(1000))
        .isEqualTo("web.yaml: and 500 more faults in this file, which are not listed");
  }

  @Test
  void aTabIsASyntaxErrorOnItsLine() {
    assertThat(faults("kind: ArgusWatcher\nspec:\n\tsubjects: []\n"))
        .singleElement()
        .asString()
        .startsWith("web.yaml:3: this is not YAML: column 1: ")
        .contains("TAB");
  }

  @Test
  void aControlCharacterIsAFaultOnItsLine() {
    assertThat(faults("a: b\nc: \u0001\n"))
        .containsExactly("web.yaml:2: the character U+0001 is not allowed in YAML");
  }

  @Test
  void controlCharactersOfUsersAreEscapedInMessages() {
    assertThat(faults(Examples.WATCHER.replace("- modify", "- \"mod\\e[31m\\nify\\u202e\"")))
        .singleElement()
        .asString()
        .contains("\"mod\\x1b[31m\\nify\\u{202e}\" is not an event");
  }

  @Test
  void aTagThatNamesAClassIsAnError() {
    assertThat(faults(Examples.WATCHER + "    tags: !!javax.script.ScriptEngineManager {a: b}\n"))
        .singleElement()
        .asString()
        .contains("is not supported");
  }
}
