package dev.custos.sinks.syslog;

import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.ScanCompleted;
import java.util.Optional;

/**
 * The PRI of each event: RFC 5424, section 6.2.1.
 *
 * @param finding empty to take what the scanner said
 */
record Priorities(
    Facility facility,
    Severity allow,
    Severity wouldDeny,
    Severity deny,
    Severity watch,
    Severity lost,
    Optional<Severity> finding,
    Severity scan,
    Severity scanErrored) {
  int of(IntegrityEvent event) {
    return facility.code() * 8 + severity(event).code();
  }

  private Severity severity(IntegrityEvent event) {
    if (event instanceof FileChanged) {
      return watch;
    } else if (event instanceof AccessDecided decided) {
      return switch (decided.response()) {
        case ALLOW -> allow;
        case WOULD_DENY -> wouldDeny;
        case DENY -> deny;
      };
    } else if (event instanceof EventsLost) {
      return lost;
    } else if (event instanceof Finding found) {
      return finding.orElseGet(() -> Severity.valueOf(found.severity().name()));
    } else if (event instanceof ScanCompleted completed) {
      return completed.outcome() == ScanCompleted.Outcome.ERRORED ? scanErrored : scan;
    }
    // A kind of event that is younger than this plugin.
    return watch;
  }
}
