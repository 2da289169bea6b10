package dev.custos.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineTemplateTest {
  private static final Map<Specifier, String> MODIFIED =
      Map.of(
          Specifier.EVENT, "MODIFY",
          Specifier.FTYPE, "file",
          Specifier.PATH, "/path/to",
          Specifier.SEP, "/",
          Specifier.FILE, "file.ext",
          Specifier.POD, "shop-1",
          Specifier.NODE, "node-a",
          Specifier.TAGS, "tier=front");

  static String render(String template, TemplateKind kind, Map<Specifier, String> values)
      throws TemplateException {
    LineBuffer out = new LineBuffer(0);
    LineTemplate.parse(template, kind)
        .render((specifier, to) -> to.appendUtf8(values.getOrDefault(specifier, "")), out);
    return out.toString();
  }

  private static String watch(String template) throws TemplateException {
    return render(template, TemplateKind.WATCH, MODIFIED);
  }

  private static String path(String template, String path) throws TemplateException {
    return render(template, TemplateKind.WATCH, Map.of(Specifier.PATH, path));
  }

  private static TemplateException fault(String template, TemplateKind kind) {
    return catchThrowableOfType(TemplateException.class, () -> LineTemplate.parse(template, kind));
  }

  @Test
  void aWatchersDefaultLineReadsAsInArgus() throws TemplateException {
    assertThat(watch(LineTemplate.DEFAULT_WATCH))
        .isEqualTo("MODIFY file '/path/to/file.ext' (shop-1:node-a) tier=front");
  }

  @Test
  void aGuardsDefaultLineReadsAsInJanus() throws TemplateException {
    Map<Specifier, String> denied =
        Map.of(
            Specifier.RESPONSE, "DENY",
            Specifier.EVENT, "OPEN_PERM",
            Specifier.FTYPE, "file",
            Specifier.PATH, "/path/to/file.ext",
            Specifier.POD, "shop-1",
            Specifier.NODE, "node-a",
            Specifier.TAGS, "a=b");

    assertThat(render(LineTemplate.DEFAULT_GUARD, TemplateKind.GUARD, denied))
        .isEqualTo("<DENY> OPEN_PERM file '/path/to/file.ext' (shop-1:node-a) a=b");
  }

  @Test
  void allowIsAnotherWordForResponse() throws TemplateException {
    assertThat(
            render("{allow} {response}", TemplateKind.GUARD, Map.of(Specifier.RESPONSE, "ALLOW")))
        .isEqualTo("ALLOW ALLOW");
  }

  @Test
  void everySpecifierOfAKindIsRendered() throws TemplateException {
    for (TemplateKind kind : TemplateKind.values()) {
      for (Specifier specifier : kind.specifiers()) {
        assertThat(render("{" + specifier.text() + "}", kind, Map.of(specifier, "here")))
            .as("%s %s", kind, specifier)
            .isEqualTo("here");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {event}              | MODIFY
          {event:}             | MODIFY
          {event:s}            | MODIFY
          [{event:10}]         | [MODIFY    ]
          [{event:<10}]        | [MODIFY    ]
          [{event:>10s}]       | [    MODIFY]
          [{event:^10}]        | [  MODIFY  ]
          [{event:^11}]        | [  MODIFY   ]
          [{event:*^10}]       | [**MODIFY**]
          [{event:3}]          | [MODIFY]
          [{event:.3}]         | [MOD]
          [{event:.0}]         | []
          [{event:->8.3}]      | [-----MOD]
          [{event:0>8}]        | [00MODIFY]
          [{event:<<8}]        | [MODIFY<<]
          [{event::>8}]        | [::MODIFY]
          [{event:é^9}]        | [éMODIFYéé]
          [{event:→>8}]        | [→→MODIFY]
          [{event:😀>8}]        | [😀😀MODIFY]
          {{{event}}}          | {MODIFY}
          {{event}}            | {event}
          {event}{ftype}       | MODIFYfile
          """)
  void fmtsStringFormatsWork(String template, String line) throws TemplateException {
    assertThat(watch(template)).isEqualTo(line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [{path:6}]    | 日本      | [日本  ]
          [{path:>6}]   | 日本      | [  日本]
          [{path:.3}]   | 日本      | [日]
          [{path:.1}]   | 日本      | []
          [{path:4.3}]  | 日本      | [日  ]
          [{path:3}]    | e\u0301   | [e\u0301  ]
          [{path:.1}]   | e\u0301xy | [e\u0301]
          [{path:3}]    | 😀        | [😀 ]
          [{path:.2}]   | ab😀      | [ab]
          [{path:.3}]   | ab😀      | [ab]
          [{path:3}]    | 한        | [한 ]
          """)
  void columnsAreCountedAsATerminalDrawsThem(String template, String value, String line)
      throws TemplateException {
    String path = value.translateEscapes().replace("\\u0301", "\u0301");
    assertThat(path(template, path)).isEqualTo(line.replace("\\u0301", "\u0301"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {path:.3} | ab\\n        | ab
          {path:.4} | ab\\ncd      | ab\\n
          {path:.5} | a\\x1bcd     | a\\x1b
          {path:.4} | a\\x1bcd     | a
          {path:.8} | a\\u{202e}b  | a
          {path:.9} | a\\u{202e}b  | a\\u{202e}
          {path:.1} | \\\\         | ''
          {path:.2} | \\\\         | \\\\
          """)
  void anEscapeIsNeverCutInTwo(String template, String path, String line) throws TemplateException {
    assertThat(path(template, path)).isEqualTo(line);
  }

  @Test
  void bytesThatAreNotUtf8AreACharacterEach() throws TemplateException {
    LineBuffer out = new LineBuffer();
    byte[] broken = {'a', (byte) 0xe6, (byte) 0x97, 'b', (byte) 0xff, (byte) 0xf0};
    LineTemplate.parse("{path:.4}|{path:>8}", TemplateKind.WATCH)
        .render((specifier, to) -> to.append(broken), out);

    assertThat(out.toByteArray())
        .containsExactly(
            'a', 0xe6, 0x97, 'b', 0xff, '|', ' ', ' ', ' ', 'a', 0xe6, 0x97, 'b', 0xff, 0xf0);
  }

  @Test
  void whatATemplateSaysItselfNeverBreaksTheLine() throws TemplateException {
    assertThat(watch("a\nb\tc\u001b[31m\u0000\u2028\u202e\r\u0085{event}\n"))
        .isEqualTo("a\\nb\\tc\\x1b[31m\\x00\\u{2028}\\u{202e}\\r\\u{85}MODIFY\\n");
  }

  @Test
  void anEmptyTemplateGivesAnEmptyLine() throws TemplateException {
    assertThat(watch("")).isEmpty();
  }

  @Test
  void renderingAppendsToWhatIsThere() throws TemplateException {
    LineBuffer out = new LineBuffer();
    out.appendAscii("before ");
    LineTemplate.parse("{event:>8}", TemplateKind.WATCH)
        .render((specifier, to) -> to.appendAscii("MODIFY"), out);

    assertThat(out).hasToString("before   MODIFY");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {evnt} ~ 2  ~ "evnt" is not a specifier; did you mean "event"?
          a{Path} ~ 3  ~ "Path" is not a specifier; did you mean "path"?
          {nmaespace} ~ 2  ~ "nmaespace" is not a specifier; did you mean "namespace"?
          {response} ~ 2  ~ "response" is a specifier of guards, not of watchers
          {path ~ 1  ~ "{" without a "}" after it; write "{{" for a brace itself
          ab{path:< ~ 3  ~ "{" without a "}" after it; write "{{" for a brace itself
          {path:. ~ 1  ~ "{" without a "}" after it; write "{{" for a brace itself
          x{ ~ 2  ~ "{" without a "}" after it; write "{{" for a brace itself
          a}b ~ 2  ~ "}" without a "{" before it; write "}}" for a brace itself
          {path}} ~ 7  ~ "}" without a "{" before it; write "}}" for a brace itself
          { path} ~ 2  ~ a specifier is a name, then ":" or "}", but here is " "
          {path } ~ 6  ~ a specifier is a name, then ":" or "}", but here is " "
          {path!r} ~ 6  ~ a specifier is a name, then ":" or "}", but here is "!"
          {event:d} ~ 8  ~ "d" is not part of a string's format; it is [[fill]<|^|>][width][.precision][s]
          {event:>10x} ~ 11 ~ "x" is not part of a string's format; it is [[fill]<|^|>][width][.precision][s]
          {event:+5} ~ 8  ~ "+" is not part of a string's format; it is [[fill]<|^|>][width][.precision][s]
          {event:05} ~ 8  ~ a width does not start with 0: padding with zeros is for numbers
          {event:.x} ~ 9  ~ a number must follow the ".", but here is "x"
          {event:{pod}} ~ 8  ~ a width or precision is a number here, not a specifier
          {event:{<5} ~ 8  ~ a brace can't be a fill character
          {event:}<5} ~ 8  ~ a brace can't be a fill character
          {event:1025} ~ 8  ~ the width is at most 1024
          {event:.65536} ~ 9  ~ the precision is at most 65535
          日本😀{evnt} ~ 5  ~ "evnt" is not a specifier; did you mean "event"?
          """)
  void aFaultIsToldWithItsColumn(String template, int column, String message) {
    assertThat(fault(template, TemplateKind.WATCH))
        .hasMessage(message)
        .extracting(TemplateException::column)
        .isEqualTo(column);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{0}", "{12:<3}", "{:>4}"})
  void positionsAreNoSpecifiers(String template) {
    assertThat(fault(template, TemplateKind.WATCH))
        .hasMessageContaining("names no specifier; known are pod, node, namespace")
        .extracting(TemplateException::column)
        .isEqualTo(1);
  }

  @Test
  void aSpecifierOfWatchersAloneIsToldToAGuard() {
    assertThat(fault("{cookie}", TemplateKind.GUARD))
        .hasMessage("\"cookie\" is a specifier of watchers, not of guards");
  }

  @Test
  void aFillThatCannotBeSeenIsAFault() {
    assertThat(fault("{event:\u202e<9}", TemplateKind.WATCH))
        .hasMessage("\"\\u{202e}\" can't be a fill character: it can't be seen");
  }

  @Test
  void aTemplateWithoutEndIsAFault() {
    assertThatThrownBy(
            () -> LineTemplate.parse("x".repeat(LineTemplate.MAX_LENGTH + 1), TemplateKind.WATCH))
        .isInstanceOf(TemplateException.class)
        .hasMessage("the template is longer than 8192 characters");
  }
}
