package dev.custos.sinks.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Printable;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.testkit.TestRenderedEvent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever a file, a host or a tag is called: one event is one message that says what it is. */
class HostileNamesTest {
  private static final int TRIES = 1000;

  /** Bytes as an attacker would choose them: syntax, controls, halves of characters. */
  @Provide
  Arbitrary<byte[]> names() {
    Arbitrary<Byte> syntax =
        Arbitraries.of(
            (byte) '"',
            (byte) ']',
            (byte) '[',
            (byte) '\\',
            (byte) '\n',
            (byte) '\r',
            (byte) ' ',
            (byte) '<',
            (byte) '>',
            (byte) 'x',
            (byte) 'u',
            (byte) '{',
            (byte) 0x1b,
            (byte) 0x7f,
            (byte) 0xc2,
            (byte) 0x85,
            (byte) 0xe2,
            (byte) 0x80,
            (byte) 0xae,
            (byte) 0xf0,
            (byte) 0xff);
    Arbitrary<Byte> any = Arbitraries.bytes().filter(b -> b != 0 && b != '/');
    return Arbitraries.oneOf(syntax, any)
        .list()
        .ofMinSize(1)
        .ofMaxSize(600)
        .map(
            list -> {
              byte[] bytes = new byte[list.size()];
              for (int i = 0; i < bytes.length; i++) {
                bytes[i] = list.get(i);
              }
              return bytes;
            });
  }

  @Property(tries = TRIES, seed = "20260615")
  void noNameGetsOutOfItsPlaceInAMessageOfRfc5424(
      @ForAll("names") byte[] name, @ForAll @IntRange(min = 1024, max = 4096) int limit) {
    MessageFormatTest.Made made = new MessageFormatTest.Made();
    made.limit = limit;
    RenderedEvent event = event(name);

    byte[] raw = made.bytes(event);

    assertThat(raw.length).isLessThanOrEqualTo(limit);
    String text = strictUtf8(raw);
    assertSafe(text);
    Message5424 message = Message5424.parse(text);
    assertThat(message.sdId()).isEqualTo("custos@32473");
    assertThat(message.hostname()).isEqualTo("node-1");
    assertThat(message.msgId()).isEqualTo("CREATE");
    assertThat(message.value("seq")).isEqualTo("17");
    String whole = "/data/" + FilePath.ofBytes(name);
    String path = message.value("path");
    if (path.endsWith("...") && !whole.equals(path)) {
      assertThat(message.value("truncated")).isEqualTo("yes");
      String kept = path.substring(0, path.length() - 3);
      assertThat(whole).startsWith(kept);
      // What is left is whole escapes: the rest of the path is readable by itself.
      assertThat(unescapable(kept)).isTrue();
    } else {
      assertThat(path).isEqualTo(whole);
    }
  }

  @Property(tries = TRIES, seed = "20260615")
  void noNameEndsAMessageOfRfc3164(
      @ForAll("names") byte[] name, @ForAll @IntRange(min = 1024, max = 4096) int limit) {
    MessageFormatTest.Made made = new MessageFormatTest.Made();
    made.limit = limit;

    byte[] raw = made.oldBytes(true, event(name));

    assertThat(raw.length).isLessThanOrEqualTo(limit);
    String text = strictUtf8(raw);
    assertSafe(text);
    assertThat(text).startsWith("<85>Jun 15 14:00:00 node-1 custos[417]: CREATE file /data: ");
  }

  @Property(tries = TRIES, seed = "20260615")
  void noTextOfAnOwnerGetsOutOfItsPlace(@ForAll String text, @ForAll String line) {
    MessageFormatTest.Made made = new MessageFormatTest.Made();
    made.identity = new Identity(text, text.isEmpty() ? "x" : text, text);
    Subject subject = new Subject(text, text, text, 0, Map.of(text, text));
    Origin origin = new Origin(text, text, text, text, Map.of(text, text));
    FileChanged change =
        FileChanged.builder(subject, origin)
            .time(Sinks.NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/x"))
            .build();

    byte[] raw = made.bytes(new OtherLine(change, line));

    assertThat(new String(raw, UTF_8)).doesNotContain("\n", "\r", "\0");
    Message5424 message = Message5424.parse(new String(raw, UTF_8));
    assertThat(message.value("name")).isEqualTo(Printable.escape(text));
    assertThat(message.value("tag")).isEqualTo(Printable.escape(text + "=" + text));
  }

  /** A host whose lines are not what it promises. */
  private record OtherLine(FileChanged event, String text) implements RenderedEvent {
    @Override
    public String runId() {
      return "run";
    }

    @Override
    public long sequence() {
      return 1;
    }

    @Override
    public byte[] line() {
      return text.getBytes(UTF_8);
    }
  }

  private static RenderedEvent event(byte[] name) {
    return TestRenderedEvent.of(Sinks.event(17, FilePath.ofBytes(name)).event(), 17);
  }

  private static String strictUtf8(byte[] raw) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("not UTF-8: " + new String(raw, UTF_8), e);
    }
  }

  private static void assertSafe(String text) {
    assertThat(text.codePoints().filter(c -> c != 0xfeff && Printable.isInvisible(c)).boxed())
        .as(text)
        .isEmpty();
  }

  /** Whether a printable text consists of whole escapes. */
  private static boolean unescapable(String text) {
    return text.matches("([^\\\\]|\\\\[nrt\\\\]|\\\\x[0-9a-f]{2}|\\\\u\\{[0-9a-f]+})*");
  }
}
