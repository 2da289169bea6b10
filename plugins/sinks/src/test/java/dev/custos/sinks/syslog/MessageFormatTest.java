package dev.custos.sinks.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.testkit.TestRenderedEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MessageFormatTest {
  private static final Instant NOON = Instant.parse("2026-06-05T12:00:00.123456789Z");
  private static final Subject WEB =
      new Subject("ArgusWatcher", "default", "web", 2, Map.of("team", "a \"b\" c]", "z", ""));
  private static final Origin POD =
      new Origin("node-1", "shop", "web-1", "nginx", Map.of("app", "web"));

  @Test
  void aMessageOfRfc5424HasTheEventsFactsAsStructuredData() {
    String message = new Made().message(changed("a\"b]c\\d"));

    assertThat(message)
        .isEqualTo(
            "<85>1 2026-06-05T12:00:00.123456Z node-1 custos 417 MOVED_TO [custos@32473"
                + " id=\"0f9d2c4e-6a1b-4c3d-8e5f-7a9b0c1d2e3f-17\" seq=\"17\" action=\"moved_to\""
                + " path=\"/data/a\\\"b\\]c\\\\\\\\d\" ftype=\"file\" cookie=\"4294967295\""
                + " synthetic=\"yes\" kind=\"ArgusWatcher\" namespace=\"default\" name=\"web\""
                + " index=\"2\" node=\"node-1\" podNamespace=\"shop\" pod=\"web-1\""
                + " container=\"nginx\" tag=\"team=a \\\"b\\\" c\\]\" tag=\"z=\" label=\"app=web\"]"
                + " MOVED_TO file /data: a\"b]c\\\\d #17");
    assertThat(Message5424.parse(message).value("path")).isEqualTo("/data/a\"b]c\\\\d");
  }

  @Test
  void whatIsInNoPodNamesNone() {
    EventsLost lost =
        EventsLost.builder(Subject.ofAgent(), Origin.ofNode("node-1"))
            .time(NOON)
            .reason(LossReason.AGENT_DOWN)
            .build();

    assertThat(new Made().message(lost))
        .contains(" node=\"node-1\"")
        .doesNotContain("pod", "ontainer", "label");
  }

  @Test
  void everyKindOfEventHasItsOwnFacts() {
    AccessDecided denied =
        AccessDecided.builder(WEB, POD)
            .time(NOON)
            .response(AccessDecided.Response.DENY)
            .kind(PermissionKind.OPEN_PERM)
            .path(FilePath.of("/etc/shadow"))
            .rule("deny /etc/shadow")
            .process(
                new ProcessFacts(
                    OptionalInt.of(7),
                    OptionalInt.of(-1),
                    FilePath.of("/bin/cat"),
                    "c\n\"t",
                    "c0ffee",
                    true))
            .build();
    EventsLost lost =
        EventsLost.builder(WEB, POD)
            .time(NOON)
            .reason(LossReason.SINK_QUEUE_FULL)
            .count(12)
            .from(NOON.minusSeconds(1))
            .build();
    Finding finding =
        Finding.builder(WEB, POD)
            .time(NOON)
            .rule("changed")
            .severity(Finding.Severity.CRITICAL)
            .attributes(Map.of("md5] =\"", "x"))
            .build();
    ScanCompleted scan =
        ScanCompleted.builder(WEB, POD)
            .time(NOON)
            .outcome(ScanCompleted.Outcome.ERRORED)
            .counts(1, 2, 3)
            .duration(Duration.ofMillis(4))
            .detail("no\nroom")
            .build();

    Message5424 decision = parsed(denied);
    assertThat(decision.priority()).isEqualTo(10 * 8 + 4);
    assertThat(decision.msgId()).isEqualTo("OPEN_PERM");
    assertThat(decision.value("response")).isEqualTo("deny");
    assertThat(decision.value("rule")).isEqualTo("deny /etc/shadow");
    assertThat(decision.value("pid")).isEqualTo("7");
    assertThat(decision.value("uid")).isEqualTo("4294967295");
    assertThat(decision.value("exe")).isEqualTo("/bin/cat");
    assertThat(decision.value("comm")).isEqualTo("c\\n\"t");
    assertThat(decision.value("processContainer")).isEqualTo("c0ffee");
    assertThat(decision.value("gone")).isEqualTo("yes");
    Message5424 loss = parsed(lost);
    assertThat(loss.priority()).isEqualTo(10 * 8 + 3);
    assertThat(loss.value("reason")).isEqualTo("sink-queue-full");
    assertThat(loss.value("count")).isEqualTo("12");
    assertThat(loss.value("from")).isEqualTo("2026-06-05T11:59:59.123456789Z");
    Message5424 found = parsed(finding);
    assertThat(found.priority()).isEqualTo(10 * 8 + 2);
    assertThat(found.value("attribute")).isEqualTo("md5] =\"=x");
    Message5424 errored = parsed(scan);
    assertThat(errored.priority()).isEqualTo(10 * 8 + 3);
    assertThat(errored.value("added")).isEqualTo("1");
    assertThat(errored.value("durationMs")).isEqualTo("4");
    assertThat(errored.value("detail")).isEqualTo("no\\nroom");
  }

  @Test
  void decisionsAreAsSevereAsConfigured() {
    assertThat(parsed(decided(AccessDecided.Response.ALLOW)).priority()).isEqualTo(10 * 8 + 6);
    assertThat(parsed(decided(AccessDecided.Response.WOULD_DENY)).priority()).isEqualTo(10 * 8 + 5);
    assertThat(Message5424.parse(new Made().message(changed("x"))).priority())
        .isEqualTo(10 * 8 + 5);
  }

  @Test
  void textBeginsWithAByteOrderMarkOnlyIfItIsMoreThanAscii() {
    assertThat(parsed(changed("a")).text()).startsWith("MOVED_TO");
    assertThat(parsed(changed("\u00e4")).text()).startsWith("\ufeffMOVED_TO").contains("\u00e4");
    Made without = new Made();
    without.byteOrderMark = false;
    assertThat(Message5424.parse(without.message(changed("\u00e4"))).text()).startsWith("MOVED_TO");
  }

  @Test
  void headerFieldsHoldPrintableAsciiOfTheirLengthAlone() {
    Made made = new Made();
    made.identity = new Identity("h\u00f6 st\n" + "x".repeat(300), "app name" + "y".repeat(60), "");

    Message5424 message = Message5424.parse(made.message(changed("a")));

    assertThat(message.hostname()).startsWith("h??st?xxx").hasSize(255);
    assertThat(message.appName()).startsWith("app?name").hasSize(48);
    assertThat(message.procId()).isEqualTo("-");
  }

  @Test
  void structuredDataCanBeLeftOut() {
    Made made = new Made();
    made.enterpriseNumber = "";

    assertThat(made.message(changed("a"))).contains(" MOVED_TO - MOVED_TO file /data: a #17");
  }

  @Test
  void aLongMessageIsCutAtItsLimitAndSaysSo() {
    for (int limit : new int[] {1024, 2000, 8000}) {
      Made made = new Made();
      made.limit = limit;

      byte[] raw = made.bytes(changed("n\u00e4\n".repeat(3000)));

      assertThat(raw.length).isBetween(limit - 20, limit);
      Message5424 message = Message5424.parse(new String(raw, UTF_8));
      assertThat(message.value("truncated")).isEqualTo("yes");
      assertThat(message.value("path")).matches("/data/(n\u00e4\\\\n)*n?\u00e4?\\.\\.\\.");
      assertThat(message.value("seq")).isEqualTo("17");
      assertThat(message.text())
          .matches("\ufeffMOVED_TO file /data: (n\u00e4\\\\n)*n?\u00e4?\\.\\.\\.");
    }
  }

  @Test
  void theLongestPathLeavesRoomForWhoseItIs() {
    Made made = new Made();
    made.limit = 2048;

    Message5424 message = Message5424.parse(made.message(changed("x".repeat(4000))));

    assertThat(message.value("kind")).isEqualTo("ArgusWatcher");
    assertThat(message.value("label")).isEqualTo("app=web");
  }

  @Test
  void tagsThatFitNoMessageAreCutAndSaidToBe() {
    Subject wordy = new Subject("ArgusWatcher", "", "web", 0, Map.of("t", "v".repeat(100_000)));
    FileChanged event =
        FileChanged.builder(wordy, POD)
            .time(NOON)
            .kind(ChangeKind.CREATE)
            .path(FilePath.of("/x"))
            .build();

    Message5424 message = Message5424.parse(new Made().message(event));

    assertThat(message.value("truncated")).isEqualTo("yes");
    assertThat(message.value("tag")).startsWith("t=vvv").endsWith("...");
    assertThat(message.text()).isEqualTo("CREATE file /x #17");
  }

  @Test
  void timesThatRfc3339DoesNotKnowAreLeftOut() {
    Instant[] odd = {Instant.MAX, Instant.MIN, Instant.parse("-0001-12-31T23:59:59Z")};
    for (Instant time : odd) {
      FileChanged event =
          FileChanged.builder(WEB, POD)
              .time(time)
              .kind(ChangeKind.CREATE)
              .path(FilePath.of("/x"))
              .build();
      assertThat(Message5424.parse(new Made().message(event)).timestamp()).isEqualTo("-");
    }
  }

  @Test
  void aMessageOfRfc3164HasLocalTimeHostAndTag() {
    Made made = new Made();

    assertThat(made.old(true, changed("a\nb")))
        .isEqualTo("<85>Jun  5 14:00:00 node-1 custos[417]: MOVED_TO file /data: a\\nb #17");
    assertThat(made.old(false, changed("a")))
        .isEqualTo("<85>Jun  5 14:00:00 custos[417]: MOVED_TO file /data: a #17");
    made.identity = new Identity("h x", "a:b c", "4]: x");
    assertThat(made.old(true, changed("a")))
        .startsWith("<85>Jun  5 14:00:00 h?x a_b_c[4__?x]: MOVED_TO");
    made.limit = 1024;
    assertThat(made.old(true, changed("x".repeat(2000)))).hasSize(1024).endsWith("x...");
  }

  @Test
  void aFrameSaysHowLongItsMessageIs() {
    for (int length : new int[] {1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 123_456}) {
      MessageBuffer out = new MessageBuffer(16);
      MessageFormat format = (event, buffer) -> buffer.raw(new byte[length]);
      out.raw('x');

      Framing.OCTET_COUNTING.append(null, format, out);
      Framing.NEWLINE.append(null, format, out);

      String text = new String(out.array(), 0, out.length(), UTF_8);
      String message = "\0".repeat(length);
      assertThat(text).isEqualTo("x" + length + " " + message + message + "\n");
    }
  }

  private static AccessDecided decided(AccessDecided.Response response) {
    return AccessDecided.builder(WEB, POD)
        .time(NOON)
        .response(response)
        .kind(PermissionKind.ACCESS_PERM)
        .path(FilePath.of("/x"))
        .build();
  }

  private static FileChanged changed(String name) {
    return FileChanged.builder(WEB, POD)
        .time(NOON)
        .kind(ChangeKind.MOVED_TO)
        .path(FilePath.of("/data"))
        .file(FilePath.of(name))
        .cookie(-1)
        .synthetic(true)
        .build();
  }

  private static Message5424 parsed(IntegrityEvent event) {
    return Message5424.parse(new Made().message(event));
  }

  /** How messages are made. */
  static final class Made {
    Identity identity = new Identity("", "custos", "417");
    String enterpriseNumber = "32473";
    boolean byteOrderMark = true;
    int limit = 8000;

    private static Priorities priorities() {
      return new Priorities(
          Facility.AUTHPRIV,
          Severity.INFORMATIONAL,
          Severity.NOTICE,
          Severity.WARNING,
          Severity.NOTICE,
          Severity.ERROR,
          Optional.empty(),
          Severity.INFORMATIONAL,
          Severity.ERROR);
    }

    byte[] bytes(IntegrityEvent event) {
      return bytes(TestRenderedEvent.of(event, 17));
    }

    byte[] bytes(RenderedEvent event) {
      MessageFormat format =
          new Rfc5424Format(priorities(), identity, enterpriseNumber, byteOrderMark, limit);
      return bytes(format, event);
    }

    private static byte[] bytes(MessageFormat format, RenderedEvent event) {
      MessageBuffer out = new MessageBuffer(16);
      format.append(event, out);
      return Arrays.copyOf(out.array(), out.length());
    }

    String message(IntegrityEvent event) {
      return new String(bytes(event), UTF_8);
    }

    byte[] oldBytes(boolean withHostname, RenderedEvent event) {
      ZoneId zone = ZoneId.of("Europe/Berlin");
      return bytes(new Rfc3164Format(priorities(), identity, withHostname, limit, zone), event);
    }

    String old(boolean withHostname, IntegrityEvent event) {
      return new String(oldBytes(withHostname, TestRenderedEvent.of(event, 17)), UTF_8);
    }
  }
}
