package dev.custos.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DocumentedSpecifiersTest {
  @Test
  void everySpecifierIsOnThePage() throws Exception {
    String page = Files.readString(Path.of("..", "..", "docs", "templates.md"));

    for (TemplateKind kind : TemplateKind.values()) {
      assertThat(page).contains("`" + kind.defaultText() + "`");
      assertThat(kind.words()).allSatisfy(word -> assertThat(page).contains("`{" + word + "}`"));
    }
  }
}
