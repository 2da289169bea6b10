package dev.custos.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class GlobTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          a         | a      | true
          a         | b      | false
          a         | aa     | false
          *         | ""     | true
          *         | a.b    | true
          *.log     | x.log  | true
          *.log     | .log   | true
          *.log     | x.logs | false
          a*b*c     | a--b--c | true
          a*b*c     | acb    | false
          **        | ab     | true
          ?         | a      | true
          ?         | ""     | false
          ??        | a      | false
          build-?   | build-1 | true
          build-?   | build-22 | false
          ""        | ""     | true
          ""        | a      | false
          """)
  void aStarIsAnyTextAndAQuestionMarkOneByte(String pattern, String text, boolean matches) {
    assertThat(matches(pattern, text)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          [abc]     | b      | true
          [abc]     | d      | false
          [a-c]x    | bx     | true
          [a-c]     | -      | false
          [!a-c]    | d      | true
          [!a-c]    | b      | false
          [^a-c]    | d      | true
          [^a-c]    | a      | false
          []]       | ]      | true
          []a]      | a      | true
          []a]      | ]      | true
          []a]      | b      | false
          [!]a]     | b      | true
          [!]a]     | ]      | false
          [-a]      | -      | true
          [a-]      | -      | true
          [a-]      | b      | false
          [c-a]     | b      | false
          [a-cx-z]  | y      | true
          [a-cx-z]  | m      | false
          *[0-9]    | log9   | true
          *[0-9]    | log    | false
          [[]       | [      | true
          [!!]      | !      | false
          [!!]      | a      | true
          """)
  void aSetIsOneByteOfThoseItLists(String pattern, String text, boolean matches) {
    assertThat(matches(pattern, text)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          [         | [      | true
          [         | a      | false
          a[        | a[     | true
          [a        | [a     | true
          [a        | a      | false
          [!        | [!     | true
          []        | []     | true
          [!]       | [!]    | true
          *[        | x[     | true
          """)
  void aBracketThatIsNeverClosedStandsForItself(String pattern, String text, boolean matches) {
    assertThat(matches(pattern, text)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          \\*       | *      | true
          \\*       | a      | false
          \\?       | ?      | true
          \\?       | a      | false
          \\[a]     | [a]    | true
          \\[a]     | a      | false
          \\\\      | \\     | true
          \\        | \\     | true
          a\\       | a\\    | true
          *\\*      | x*     | true
          *\\*      | xx     | false
          """)
  void aBackslashTakesTheNextByteForWhatItIs(String pattern, String text, boolean matches) {
    assertThat(matches(pattern, text)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          *         | a/b    | false
          a*b       | a/b    | false
          a?b       | a/b    | false
          a[/]b     | a/b    | false
          a[!x]b    | a/b    | false
          a/b       | a/b    | true
          */b       | a/b    | true
          */*       | a/b    | true
          */b       | a/c/b  | false
          a/*       | a/b/c  | false
          a/*/c     | a/b/c  | true
          """)
  void noWildcardMatchesASlash(String pattern, String text, boolean matches) {
    assertThat(matches(pattern, text)).isEqualTo(matches);
  }

  @Test
  void bytesAreComparedWhateverTextTheyAre() {
    byte[] invalid = {(byte) 0xff, (byte) 0xfe};

    assertThat(Glob.matches(bytes("*"), invalid, 0, 2)).isTrue();
    assertThat(Glob.matches(bytes("??"), invalid, 0, 2)).isTrue();
    assertThat(Glob.matches(new byte[] {'[', (byte) 0xf0, '-', (byte) 0xff, ']'}, invalid, 0, 1))
        .isTrue();
  }

  @Test
  void onlyTheNamedPartOfTheArrayIsLookedAt() {
    assertThat(Glob.matches(bytes("b*"), bytes("abcd"), 1, 2)).isTrue();
    assertThat(Glob.matches(bytes("*d"), bytes("abcd"), 1, 2)).isFalse();
  }

  @Test
  void aPatternThatIsMadeToTakeLongDoesNot() {
    String pattern = "*a".repeat(5_000) + "b";
    String text = "a".repeat(20_000);

    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertThat(matches(pattern, text)).isFalse());
  }

  @Test
  void randomPatternsAgreeWithAMatcherThatTriesEverything() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      String pattern = word(random, "ab*?/", 7);
      String text = word(random, "ab/", 7);
      assertThat(matches(pattern, text))
          .as("'%s' on '%s', seed %d", pattern, text, seed)
          .isEqualTo(triesEverything(pattern, text));
    }
  }

  private static boolean triesEverything(String pattern, String text) {
    if (pattern.isEmpty()) {
      return text.isEmpty();
    }
    char first = pattern.charAt(0);
    boolean takesOne =
        !text.isEmpty()
            && (first == text.charAt(0)
                || ((first == '*' || first == '?') && text.charAt(0) != '/'));
    if (first == '*') {
      return triesEverything(pattern.substring(1), text)
          || (takesOne && triesEverything(pattern, text.substring(1)));
    }
    return takesOne && triesEverything(pattern.substring(1), text.substring(1));
  }

  private static String word(Random random, String letters, int most) {
    StringBuilder word = new StringBuilder();
    for (int n = random.nextInt(most + 1); n > 0; n--) {
      word.append(letters.charAt(random.nextInt(letters.length())));
    }
    return word.toString();
  }

  private static boolean matches(String pattern, String text) {
    byte[] bytes = bytes(text);
    return Glob.matches(bytes(pattern), bytes, 0, bytes.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
