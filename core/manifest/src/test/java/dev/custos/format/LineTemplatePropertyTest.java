package dev.custos.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every template, also for those that nobody would write. */
class LineTemplatePropertyTest {
  private static final String VALUE = "a\\nb 日本 e\u0301 😀 \\u{202e}\\x1b\\\\";

  @Provide
  Arbitrary<String> templates() {
    Arbitrary<String> pieces =
        Arbitraries.oneOf(
            Arbitraries.of(
                "{",
                "}",
                "{{",
                "}}",
                "{event}",
                "{path:",
                "{tags:*^30}",
                "<",
                "^",
                ">",
                ".",
                ":",
                "{path:.20}",
                "{seq}",
                "s}",
                "7",
                "0",
                "10",
                "{event:<14}",
                "\n",
                "\u2028",
                "\ud83d",
                "日",
                "\u202e"),
            Arbitraries.strings().ofMaxLength(6),
            specifiers());
    return pieces.list().ofMaxSize(8).map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> specifiers() {
    Arbitrary<String> names = Arbitraries.of(TemplateKind.WATCH.specifiers()).map(Specifier::text);
    Arbitrary<String> fills = Arbitraries.of("", "<", ">", "^", "*^", "é>", "0<", " ^");
    Arbitrary<Integer> widths = Arbitraries.integers().between(1, 60);
    Arbitrary<Integer> precisions = Arbitraries.integers().between(0, 60);
    return names.flatMap(
        name ->
            fills.flatMap(
                fill ->
                    widths.flatMap(
                        width ->
                            precisions.map(
                                precision ->
                                    "{" + name + ":" + fill + width + "." + precision + "}"))));
  }

  private static byte[] render(LineTemplate template, String value) {
    LineBuffer out = new LineBuffer(1);
    template.render((specifier, to) -> to.appendUtf8(value), out);
    return out.toByteArray();
  }

  @Property
  void aTemplateRendersOneLineOrFailsWithAColumnWithinIt(@ForAll("templates") String text)
      throws CharacterCodingException {
    LineTemplate template;
    try {
      template = LineTemplate.parse(text, TemplateKind.WATCH);
    } catch (TemplateException e) {
      assertThat(e.column()).isBetween(1, text.codePointCount(0, text.length()));
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    String line =
        StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(render(template, VALUE)))
            .toString();
    assertThat(line.codePoints().anyMatch(SafeText::isInvisible)).isFalse();
  }

  @Property
  void aWellFormedSpecifierGivesAtLeastItsWidthAndAtMostItsPrecision(
      @ForAll("specifiers") String text, @ForAll String value) throws Exception {
    int dot = text.lastIndexOf('.');
    int precision = Integer.parseInt(text.substring(dot + 1, text.length() - 1));
    int width = Integer.parseInt(text.substring(0, dot).replaceFirst(".*[^0-9]", ""));

    String escaped = SafeText.escape(value.replace("\\", "\\\\"));
    LineTemplate template = LineTemplate.parse(text, TemplateKind.WATCH);
    String line = new String(render(template, escaped), StandardCharsets.UTF_8);

    int columns = line.codePoints().map(DisplayWidth::of).sum();
    assertThat(columns).isBetween(width, Math.max(width, precision));
  }

  @Property
  void textWithoutBracesRendersAsItself(@ForAll String text) throws Exception {
    String doubled = text.replace("{", "{{").replace("}", "}}");
    LineTemplate template = LineTemplate.parse(doubled, TemplateKind.GUARD);

    assertThat(new String(render(template, ""), StandardCharsets.UTF_8))
        .isEqualTo(SafeText.escape(text));
  }

  @Property
  void numbersAreWrittenAsJavaWritesThem(@ForAll long number) {
    LineBuffer out = new LineBuffer(0);
    out.append(number).appendByte(' ').appendUnsigned(number);

    assertThat(out).hasToString(number + " " + Long.toUnsignedString(number));
  }
}
