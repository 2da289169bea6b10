package dev.custos.sinks.syslog;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import java.util.Locale;

/**
 * The one SD-ELEMENT of a message: {@code [custos@32473 id="..." seq="17" action="modify" ...]}.
 * The SD-ID has an at-sign and a private enterprise number, as RFC 5424, section 6.3.2, asks of
 * names that IANA has not registered. Not thread-safe.
 */
final class StructuredData {
  private static final byte[] SEQUENCE = Parameters.ascii(" seq=\"");

  private final MessageBuffer out;
  private final Parameters parameters;
  private final byte[] id;
  private final Places places = new Places();

  StructuredData(MessageBuffer out, String enterpriseNumber) {
    this.out = out;
    this.parameters = new Parameters(out);
    this.id = Parameters.ascii("custos@" + enterpriseNumber);
  }

  /** Appends the element, in at most {@code budget} bytes. */
  void append(RenderedEvent rendered, byte[] actionParameter, int budget) {
    IntegrityEvent event = rendered.event();
    parameters.begin(id, budget);
    parameters.text("id", rendered.key());
    out.raw(SEQUENCE).number(rendered.sequence()).raw('"');
    out.raw(actionParameter);
    if (!event.path().isEmpty()) {
      parameters.path("path", event.path(), event.file());
      parameters.text("ftype", event.fileType().text());
    }
    details(event);
    if (!parameters.encoded(places.of(event.subject(), event.origin()))) {
      place(parameters, event.subject(), event.origin());
    }
    parameters.end();
  }

  static void place(Parameters parameters, Subject subject, Origin origin) {
    parameters.text("kind", subject.kind());
    parameters.optional("namespace", subject.namespace());
    parameters.text("name", subject.name());
    parameters.number("index", subject.index());
    parameters.text("node", origin.node());
    if (origin.isInPod()) {
      parameters.text("podNamespace", origin.namespace());
      parameters.text("pod", origin.pod());
    }
    parameters.optional("container", origin.container());
    parameters.entries("tag", subject.tags());
    parameters.entries("label", origin.labels());
  }

  private void details(IntegrityEvent event) {
    if (event instanceof FileChanged change) {
      if (change.cookie() != 0) {
        // The kernel's number is unsigned.
        parameters.number("cookie", change.cookie() & 0xffffffffL);
      }
      if (change.synthetic()) {
        parameters.text("synthetic", "yes");
      }
    } else if (event instanceof AccessDecided decided) {
      parameters.text("response", lower(decided.response()));
      parameters.optional("rule", decided.rule());
      decided.process().ifPresent(this::process);
    } else if (event instanceof Finding finding) {
      parameters.text("rule", finding.rule());
      parameters.text("severity", lower(finding.severity()));
      parameters.entries("attribute", finding.attributes());
    } else if (event instanceof ScanCompleted scan) {
      parameters.text("outcome", lower(scan.outcome()));
      parameters.number("added", scan.added());
      parameters.number("changed", scan.changed());
      parameters.number("removed", scan.removed());
      parameters.number("durationMs", scan.duration().toMillis());
      parameters.optional("detail", scan.detail());
    } else if (event instanceof EventsLost lost) {
      parameters.text("reason", lost.reason().text());
      lost.count().ifPresent(count -> parameters.number("count", count));
      parameters.text("from", lost.from().toString());
      parameters.text("to", lost.to().toString());
      parameters.optional("detail", lost.detail());
    }
  }

  private void process(ProcessFacts process) {
    process.pid().ifPresent(pid -> parameters.number("pid", pid));
    // An id is unsigned.
    process.uid().ifPresent(uid -> parameters.number("uid", uid & 0xffffffffL));
    if (!process.executable().isEmpty()) {
      parameters.path("exe", process.executable(), FilePath.EMPTY);
    }
    parameters.optional("comm", process.command());
    parameters.optional("processContainer", process.container());
    if (process.gone()) {
      parameters.text("gone", "yes");
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
