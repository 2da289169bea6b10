package dev.custos.testkit;

import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.IntegrityEvent;

/** Events in few words, for assertions that read well and failures that say what came instead. */
public final class EventText {
  private EventText() {}

  /**
   * {@code CREATE file /data: a.txt}, and {@code DELETE_SELF directory /data} for an event on the
   * path itself. Names are in their printable form.
   */
  public static String brief(IntegrityEvent event) {
    String words = event.eventName() + " " + event.fileType().text() + " " + event.path();
    return event.file().isEmpty() ? words : words + ": " + event.file();
  }

  /** The brief words, and whom the event is for. */
  static String of(IntegrityEvent event) {
    boolean synthetic = event instanceof FileChanged changed && changed.synthetic();
    return brief(event) + (synthetic ? " (synthetic)" : "") + " for " + event.subject();
  }
}
