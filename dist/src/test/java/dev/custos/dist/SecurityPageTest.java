package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The threat table names the test that shows what it says; here is that these tests exist. */
class SecurityPageTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

  @Test
  void everyTestThatThePageNamesIsThere() throws IOException {
    Map<String, String> sources = testSources();
    Matcher named = NAMED.matcher(Files.readString(ROOT.resolve("docs/security.md")));
    int count = 0;
    while (named.find()) {
      assertThat(sources.getOrDefault(named.group(1), "")).contains(" " + named.group(2) + "(");
      count++;
    }
    assertThat(count).isGreaterThan(90);
  }

  @Test
  void everyThreatHasATestOrSaysThatItHasNone() throws IOException {
    List<String> rows =
        Files.readAllLines(ROOT.resolve("docs/security.md")).stream()
            .dropWhile(line -> !line.startsWith("## A container against"))
            .takeWhile(line -> !line.startsWith("## What each part may do"))
            .filter(line -> line.startsWith("| ") && !line.startsWith("| threat"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(40).allMatch(row -> row.split("\\|", -1).length == 5);
    assertThat(rows)
        .allMatch(
            row -> {
              String test = row.split("\\|", -1)[3];
              return NAMED.matcher(test).find() || test.startsWith(" no test");
            });
  }

  // Two classes of one name: either may have it.
  private static Map<String, String> testSources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().matches(".*/src/test/java/.*(Test|IT)\\.java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  SecurityPageTest::text,
                  String::concat,
                  TreeMap::new));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
