package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever files and pods are called, each event is one record, and its name can be had back. */
class HostileNamesPropertyTest {
  private static final int TRIES = 300;

  /** Any bytes that a name can have, and often those that mean something to somebody. */
  @Provide
  Arbitrary<List<byte[]>> names() {
    Arbitrary<Byte> any = Arbitraries.bytes().filter(b -> b != 0 && b != '/');
    Arbitrary<Byte> special =
        Arbitraries.of("\n\r\t\"\\{}[],:\u001b\u007f".chars().mapToObj(c -> (byte) c).toList());
    Arbitrary<byte[]> bytes = Arbitraries.oneOf(any, special).array(byte[].class).ofMaxSize(40);
    Arbitrary<byte[]> text =
        Arbitraries.strings()
            .all()
            .ofMaxLength(20)
            .map(s -> s.replace("\u0000", "").replace("/", "").getBytes(StandardCharsets.UTF_8));
    return Arbitraries.oneOf(bytes, text)
        .filter(name -> name.length > 0)
        .list()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  private static List<RenderedEvent> events(List<byte[]> names, String pod) {
    Origin origin = new Origin("node\"\n" + pod, pod, pod, "c", Map.of("l", pod));
    List<RenderedEvent> events = new ArrayList<>();
    for (byte[] name : names) {
      events.add(Sinks.event(events.size() + 1, FilePath.ofBytes(name), origin));
    }
    return events;
  }

  private static String body(Encoding encoding, List<RenderedEvent> events) {
    encoding.clear();
    int size = 0;
    for (RenderedEvent event : events) {
      int before = size;
      encoding.add(event);
      encoding.undo();
      size = encoding.add(event);
      assertThat(size).isGreaterThan(before);
    }
    var body = encoding.body();
    assertThat(size).as("the size that was told").isGreaterThanOrEqualTo(body.length());
    return new String(body.array(), 0, body.length(), StandardCharsets.UTF_8);
  }

  /** What a JSON parser that is not ours reads. */
  private static Config parse(String json) {
    return ConfigFactory.parseReader(
        new StringReader(json), ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
  }

  private static void assertIs(Config event, byte[] name) {
    byte[] whole =
        event.hasPath("custos.file")
            ? Base64.getDecoder().decode(event.getString("custos.file.bytes"))
            : event.getString("file.path").getBytes(StandardCharsets.UTF_8);
    byte[] expected = FilePath.of("/data").resolve(FilePath.ofBytes(name)).toByteArray();
    assertThat(whole).isEqualTo(expected);
  }

  private static void assertSafe(String body) {
    assertThat(body.replace("\n", "").codePoints()).noneMatch(Printable::isInvisible);
  }

  @Property(tries = TRIES)
  void ofLines(@ForAll("names") List<byte[]> names, @ForAll String pod) {
    String body = body(new JsonLines(), events(names, pod));

    List<String> records = Arrays.asList(body.split("\n", -1));
    assertThat(records).hasSize(names.size() + 1).endsWith("");
    for (int i = 0; i < names.size(); i++) {
      assertIs(parse(records.get(i)), names.get(i));
    }
    assertSafe(body);
  }

  @Property(tries = TRIES)
  void ofAnArray(@ForAll("names") List<byte[]> names, @ForAll String pod) {
    String body = body(new JsonArray(), events(names, pod));

    List<? extends Config> records = parse("{\"a\":" + body + "}").getConfigList("a");
    assertThat(records).hasSize(names.size());
    for (int i = 0; i < names.size(); i++) {
      assertIs(records.get(i), names.get(i));
    }
    assertSafe(body);
  }

  @Property(tries = TRIES)
  void ofBulk(@ForAll("names") List<byte[]> names, @ForAll String pod) {
    String body = body(new BulkEncoding(Optional.of("i\"\n")), events(names, pod));

    List<String> lines = Arrays.asList(body.split("\n", -1));
    assertThat(lines).hasSize(2 * names.size() + 1).endsWith("");
    for (int i = 0; i < names.size(); i++) {
      Config action = parse(lines.get(2 * i));
      assertThat(action.getString("create._id")).isEqualTo(Sinks.key(i + 1));
      assertThat(action.getString("create._index")).isEqualTo("i\"\n");
      assertIs(parse(lines.get(2 * i + 1)), names.get(i));
    }
    assertSafe(body);
  }

  @Property(tries = TRIES)
  void ofSplunk(@ForAll("names") List<byte[]> names, @ForAll String pod) {
    var metadata = new HecEncoding.Metadata("s\"", "t\n", Optional.empty());
    String body = body(new HecEncoding(metadata), events(names, pod));

    List<String> records = Arrays.asList(body.split("\n", -1));
    assertThat(records).hasSize(names.size() + 1).endsWith("");
    for (int i = 0; i < names.size(); i++) {
      Config record = parse(records.get(i));
      assertThat(record.getString("fields.custos_id")).isEqualTo(Sinks.key(i + 1));
      assertIs(record.getConfig("event"), names.get(i));
    }
    assertSafe(body);
  }

  @Property(tries = TRIES)
  void ofLoki(@ForAll("names") List<byte[]> names, @ForAll String pod) {
    Encoding loki = new LokiEncoding(Map.of("job", "a\"b"), List.of("node", "pod"), true);
    String body = body(loki, events(names, pod));

    List<? extends Config> streams = parse(body).getConfigList("streams");
    assertThat(streams).hasSize(1);
    assertThat(streams.get(0).getString("stream.job")).isEqualTo("a\"b");
    var values = streams.get(0).getList("values");
    assertThat(values).hasSize(names.size());
    for (int i = 0; i < names.size(); i++) {
      List<?> value = (List<?>) values.get(i).unwrapped();
      assertThat(value).hasSize(2);
      assertThat(value.get(0)).isEqualTo("1781524800123456789");
      assertIs(parse((String) value.get(1)), names.get(i));
    }
    assertSafe(body);
  }
}
