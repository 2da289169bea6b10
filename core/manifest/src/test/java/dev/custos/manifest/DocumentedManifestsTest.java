package dev.custos.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the documentation shows can be applied as it stands there. */
class DocumentedManifestsTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "manifests.md");
  private static final Pattern MANIFEST =
      Pattern.compile("```yaml\\n(apiVersion:.*?)```", Pattern.DOTALL);

  private static List<String> manifests() throws IOException {
    return MANIFEST.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList();
  }

  @Test
  void everyManifestOfThePageIsWithoutFault() throws IOException {
    assertThat(manifests())
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(text -> assertThat(ManifestReader.read("page", text).faults()).isEmpty());
  }

  @Test
  void everyEventIsOnThePage() throws IOException {
    String page = Files.readString(PAGE);

    assertThat(WatchEvents.words()).allSatisfy(word -> assertThat(page).contains("`" + word + "`"));
    assertThat(GuardEvents.words()).allSatisfy(word -> assertThat(page).contains("`" + word + "`"));
  }
}
