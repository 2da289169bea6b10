package dev.custos.sinks.json;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.ProcessFacts;
import dev.custos.spi.event.ScanCompleted;
import java.util.Locale;

/** What is peculiar to events that are no changes of files: decisions, scans, findings, losses. */
final class OtherEvents {
  private final JsonBuffer out;

  OtherEvents(JsonBuffer out) {
    this.out = out;
  }

  /** The rest of the {@code event} object, from within the string that is its id. */
  void event(IntegrityEvent event) {
    String action = event.eventName().toLowerCase(Locale.ROOT);
    if (event instanceof AccessDecided decided) {
      boolean denied = decided.response() == AccessDecided.Response.DENY;
      kind("event", denied ? "[\"access\",\"denied\"]" : "[\"access\",\"allowed\"]", action);
      out.raw(denied ? ",\"outcome\":\"failure\"" : ",\"outcome\":\"success\"");
    } else if (event instanceof ScanCompleted scan) {
      boolean errored = scan.outcome() == ScanCompleted.Outcome.ERRORED;
      kind("event", errored ? "[\"error\"]" : "[\"info\"]", action);
      out.raw(",\"duration\":").number(scan.duration().toNanos());
    } else if (event instanceof Finding finding) {
      kind("alert", "[\"info\"]", action);
      out.raw(",\"severity\":").number(syslogSeverity(finding.severity()));
    } else if (event instanceof EventsLost) {
      kind("pipeline_error", "[\"error\"]", action);
    } else {
      // A kind of event that is younger than this plugin.
      kind("event", "[\"info\"]", action);
    }
  }

  private void kind(String kind, String types, String action) {
    out.raw("\",\"kind\":\"").raw(kind).raw("\",\"category\":[\"file\"],\"type\":").raw(types);
    out.raw(",\"action\":").string(action);
  }

  private static int syslogSeverity(Finding.Severity severity) {
    return switch (severity) {
      case CRITICAL -> 2;
      case ERROR -> 3;
      case WARNING -> 4;
      case NOTICE -> 5;
      case INFORMATIONAL -> 6;
    };
  }

  /** The rest of the {@code custos} object, and what comes after it but for the last brace. */
  void details(IntegrityEvent event) {
    if (event instanceof AccessDecided decided) {
      decision(decided);
    } else if (event instanceof ScanCompleted scan) {
      scan(scan);
    } else if (event instanceof Finding finding) {
      out.raw(",\"finding\":{\"rule\":").string(finding.rule());
      out.raw(",\"severity\":").string(finding.severity().name().toLowerCase(Locale.ROOT));
      if (!finding.attributes().isEmpty()) {
        out.raw(",\"attributes\":");
        Tails.object(out, finding.attributes());
      }
      out.raw('}');
    } else if (event instanceof EventsLost lost) {
      lost(lost);
    }
  }

  private void decision(AccessDecided decided) {
    out.raw(",\"decision\":{\"response\":")
        .string(decided.response().name().toLowerCase(Locale.ROOT));
    if (!decided.rule().isEmpty()) {
      out.raw(",\"rule\":").string(decided.rule());
    }
    out.raw('}');
    decided.process().ifPresent(this::process);
  }

  /** Ends the {@code custos} object, whose last brace then ends this one. */
  private void process(ProcessFacts process) {
    if (process.gone()) {
      out.raw(",\"process\":{\"gone\":true}");
    } else if (!process.container().isEmpty()) {
      out.raw(",\"process\":{\"container\":").string(process.container()).raw('}');
    }
    out.raw("},\"process\":{");
    char before = ' ';
    if (process.pid().isPresent()) {
      out.raw("\"pid\":").number(process.pid().getAsInt());
      before = ',';
    }
    before = field(before, "name", process.command());
    before = field(before, "executable", text(process.executable()));
    if (process.uid().isPresent()) {
      if (before == ',') {
        out.raw(',');
      }
      // An id is unsigned; 4294967295 is no rare one.
      long uid = process.uid().getAsInt() & 0xffffffffL;
      out.raw("\"real_user\":{\"id\":").string(Long.toString(uid)).raw('}');
    }
  }

  private char field(char before, String name, String value) {
    if (value.isEmpty()) {
      return before;
    }
    if (before == ',') {
      out.raw(',');
    }
    out.name(name).string(value);
    return ',';
  }

  private static String text(FilePath path) {
    return path.isText() ? path.text() : path.toString();
  }

  private void scan(ScanCompleted scan) {
    out.raw(",\"scan\":{\"outcome\":").string(scan.outcome().name().toLowerCase(Locale.ROOT));
    out.raw(",\"added\":").number(scan.added());
    out.raw(",\"changed\":").number(scan.changed());
    out.raw(",\"removed\":").number(scan.removed());
    if (!scan.detail().isEmpty()) {
      out.raw(",\"detail\":").string(scan.detail());
    }
    out.raw('}');
  }

  private void lost(EventsLost lost) {
    out.raw(",\"lost\":{\"reason\":").string(lost.reason().text());
    if (lost.count().isPresent()) {
      out.raw(",\"count\":").number(lost.count().getAsLong());
    }
    Timestamps times = new Timestamps();
    out.raw(",\"from\":\"").raw(times.of(lost.from()));
    out.raw("\",\"to\":\"").raw(times.of(lost.to())).raw('"');
    if (!lost.detail().isEmpty()) {
      out.raw(",\"detail\":").string(lost.detail());
    }
    out.raw('}');
  }
}
