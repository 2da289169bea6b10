package dev.custos.agent.pipeline;

import dev.custos.format.LineBuffer;
import dev.custos.format.LineTemplate;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Printable;
import dev.custos.spi.event.Subject;
import java.util.HashMap;
import java.util.Map;

/**
 * The template of each subject. Events of a subject without one, so those about the agent itself,
 * get their kind's default.
 */
public final class OwnerFormats implements LineFormats {
  private static final LineTemplate WATCH = builtIn(TemplateKind.WATCH);
  private static final LineTemplate GUARD = builtIn(TemplateKind.GUARD);

  private volatile Map<Subject, LineTemplate> current = Map.of();
  private Map<Subject, LineTemplate> latest = Map.of();

  private static LineTemplate builtIn(TemplateKind kind) {
    try {
      return LineTemplate.parse(kind.defaultText(), kind);
    } catch (TemplateException e) {
      throw new IllegalStateException("the default template of " + kind + " is malformed", e);
    }
  }

  /**
   * Puts the templates of a new desired state in force. Those of the state before stay known, for
   * its events are still under way.
   */
  public synchronized void update(Map<Subject, LineTemplate> templates) {
    Map<Subject, LineTemplate> merged = new HashMap<>(latest);
    merged.putAll(templates);
    latest = Map.copyOf(templates);
    current = merged;
  }

  @Override
  public LineFormats.Renderer renderer() {
    return new OwnerRenderer();
  }

  private LineTemplate templateOf(IntegrityEvent event) {
    LineTemplate owners = current.get(event.subject());
    return owners != null ? owners : event instanceof AccessDecided ? GUARD : WATCH;
  }

  private final class OwnerRenderer implements LineFormats.Renderer {
    private final LineBuffer buffer = new LineBuffer();
    private final EventValues values = new EventValues();
    // Events of one subject come in runs: what was looked up for the last one mostly fits.
    private Map<Subject, LineTemplate> generation;
    private Subject subject;
    private LineTemplate template;

    @Override
    @SuppressWarnings("ReferenceEquality") // a miss only costs a look-up
    public byte[] line(IntegrityEvent event, long sequence) {
      if (event.subject() != subject || generation != current) {
        generation = current;
        subject = event.subject();
        template = templateOf(event);
      }
      buffer.clear();
      values.set(event, sequence);
      template.render(values, buffer);
      if (event instanceof EventsLost lost) {
        appendLoss(lost);
      }
      values.clear();
      return buffer.toByteArray();
    }

    /** A template has no place for what a loss has to say, and it must not go unsaid. */
    private void appendLoss(EventsLost lost) {
      buffer.appendAscii(" reason=").appendAscii(lost.reason().text()).appendAscii(" count=");
      if (lost.count().isPresent()) {
        buffer.append(lost.count().getAsLong());
      } else {
        buffer.appendAscii("unknown");
      }
      buffer.appendAscii(" from=");
      values.appendTime(lost.from(), buffer);
      buffer.appendAscii(" to=");
      values.appendTime(lost.to(), buffer);
      if (!lost.detail().isEmpty()) {
        buffer.appendAscii(" detail=\"").appendUtf8(quoted(lost.detail())).appendByte('"');
      }
    }

    private static String quoted(String detail) {
      return Printable.escape(detail).replace("\"", "\\\"");
    }
  }
}
