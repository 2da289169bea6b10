package dev.custos.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.format.LineTemplate;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.FileType;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.Subject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerFormatsTest {
  private static final Origin POD =
      new Origin("node-1", "shop", "web-0", "nginx", Map.of("app", "web"));
  private static final Subject SUBJECT =
      new Subject("ArgusWatcher", "shop", "web", 0, Map.of("b", "2", "a", "1"));
  private static final Instant TIME = Instant.parse("2026-01-31T12:34:00.000000789Z");

  private final OwnerFormats formats = new OwnerFormats();
  private final LineFormats.Renderer renderer = formats.renderer();

  private String line(IntegrityEvent event) {
    return new String(renderer.line(event, 42), StandardCharsets.UTF_8);
  }

  private void template(Subject subject, String text, TemplateKind kind) throws TemplateException {
    formats.update(Map.of(subject, LineTemplate.parse(text, kind)));
  }

  private static FileChanged.Builder change() {
    return FileChanged.builder(SUBJECT, POD)
        .time(TIME)
        .kind(ChangeKind.MOVED_FROM)
        .path(FilePath.of("/data"))
        .file(FilePath.of("x"))
        .cookie(-1);
  }

  @Test
  void aSubjectWithoutATemplateGetsTheReferencesDefault() {
    assertThat(line(change().build()))
        .isEqualTo("MOVED_FROM file '/data/x' (web-0:node-1) a=1,b=2");
  }

  @Test
  void aGuardsFileIsTheLastNameOfItsPath() throws TemplateException {
    template(SUBJECT, "path = {path}; file = {file}; response = {allow}", TemplateKind.GUARD);

    AccessDecided decided =
        AccessDecided.builder(SUBJECT, POD)
            .time(TIME)
            .response(AccessDecided.Response.DENY)
            .kind(PermissionKind.OPEN_PERM)
            .path(FilePath.of("/etc/a\nb"))
            .build();

    assertThat(line(decided)).isEqualTo("path = /etc/a\\nb; file = a\\nb; response = DENY");
  }

  @Test
  void everySpecifierHasItsValue() throws TemplateException {
    template(
        SUBJECT,
        "{time}|{seq}|{kind}|{watcher}|{namespace}|{container}|{cookie}|{ftype}|{tags}",
        TemplateKind.WATCH);
    assertThat(line(change().fileType(FileType.DIRECTORY).build()))
        .isEqualTo(
            "2026-01-31T12:34:00.000000789Z|42|ArgusWatcher|web|shop|nginx|4294967295|directory"
                + "|a=1,b=2");
  }

  @Test
  void aGuardsLineSaysWhatWasAnsweredAndWhy() throws TemplateException {
    template(SUBJECT, "{response} {event} {path} {rule}", TemplateKind.GUARD);
    AccessDecided denied =
        AccessDecided.builder(SUBJECT, POD)
            .time(TIME)
            .response(AccessDecided.Response.DENY)
            .kind(PermissionKind.OPEN_PERM)
            .path(FilePath.of("/etc/shadow"))
            .rule("deny /etc/\nshadow")
            .build();
    assertThat(line(denied)).isEqualTo("DENY OPEN_PERM /etc/shadow deny /etc/\\nshadow");
  }

  @Test
  void aGuardsLineSaysWhoAsked() throws TemplateException {
    template(SUBJECT, "{pid} {uid} {executable} {command} {process}", TemplateKind.GUARD);
    AccessDecided.Builder decided =
        AccessDecided.builder(SUBJECT, POD)
            .time(TIME)
            .response(AccessDecided.Response.DENY)
            .kind(PermissionKind.OPEN_PERM)
            .path(FilePath.of("/etc/shadow"));
    ProcessFacts cat =
        new ProcessFacts(
            OptionalInt.of(7), OptionalInt.of(-1), FilePath.of("/bin/cat"), "c\nt", "", false);
    assertThat(line(decided.process(cat).build()))
        .isEqualTo("7 4294967295 /bin/cat c\\nt c\\nt[7]");
    assertThat(line(decided.process(ProcessFacts.gone(8)).build())).isEqualTo("8    gone[8]");
    assertThat(line(decided.process(null).build())).isEqualTo("0    [0]");
  }

  @Test
  void theRootsChildrenHaveOneSlash() {
    assertThat(line(change().path(FilePath.of("/")).build())).contains("'/x'");
  }

  @Test
  void anEventOnThePathItselfHasNoSeparator() {
    assertThat(line(change().file(FilePath.EMPTY).build())).contains("'/data'");
  }

  @Test
  void hostileNamesTagsAndPodsStayOnOneLine() {
    Subject subject = new Subject("ArgusWatcher", "", "w", 0, Map.of("k", "v\n\u001b[2J"));
    IntegrityEvent event =
        FileChanged.builder(subject, new Origin("n", "", "p\r\n", "", Map.of()))
            .time(TIME)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/d"))
            .file(FilePath.ofBytes(new byte[] {'a', '\n', (byte) 0xff}))
            .build();
    assertThat(line(event)).isEqualTo("CREATE file '/d/a\\n\\xff' (p\\r\\n:n) k=v\\n\\x1b[2J");
  }

  @Test
  void aLossSaysWhyHowManyAndWhen() {
    EventsLost lost =
        EventsLost.builder(SUBJECT, POD)
            .time(TIME)
            .reason(LossReason.KERNEL_QUEUE_OVERFLOW)
            .path(FilePath.of("/data"))
            .from(TIME.minusMillis(20))
            .to(TIME)
            .detail("16384 \"events\"")
            .build();
    assertThat(line(lost))
        .isEqualTo(
            "LOST directory '/data' (web-0:node-1) a=1,b=2 reason=kernel-queue-overflow"
                + " count=unknown from=2026-01-31T12:33:59.980000789Z"
                + " to=2026-01-31T12:34:00.000000789Z detail=\"16384 \\\"events\\\"\"");
  }

  @Test
  void aNewTemplateHoldsFromTheNextLineOn() throws TemplateException {
    IntegrityEvent event = change().build();
    template(SUBJECT, "one {event}", TemplateKind.WATCH);
    assertThat(line(event)).isEqualTo("one MOVED_FROM");
    template(SUBJECT, "two {event}", TemplateKind.WATCH);
    assertThat(line(event)).isEqualTo("two MOVED_FROM");
  }

  @Test
  void theLastEventsOfASubjectThatIsGoneKeepItsTemplate() throws TemplateException {
    template(SUBJECT, "mine {event}", TemplateKind.WATCH);
    formats.update(Map.of());
    assertThat(line(change().build())).isEqualTo("mine MOVED_FROM");
    formats.update(Map.of());
    assertThat(line(change().build())).startsWith("MOVED_FROM file");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-31T00:00:00Z",
        "2026-01-31T00:00:01Z",
        "1999-12-31T23:59:00.500Z",
        "2026-01-31T12:34:56.000001Z",
        "2026-01-31T12:34:56.120Z",
        "2026-01-31T12:34:56.000000001Z"
      })
  void timesReadAsInstantsDo(String time) throws TemplateException {
    template(SUBJECT, "{time}", TemplateKind.WATCH);
    assertThat(line(change().time(Instant.parse(time)).build()))
        .isEqualTo(Instant.parse(time).toString());
  }
}
