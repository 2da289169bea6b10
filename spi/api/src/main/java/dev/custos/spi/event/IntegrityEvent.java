package dev.custos.spi.event;

import java.time.Instant;
import java.util.Objects;

/**
 * Something that was seen, decided or missed. The family grows over time: whoever asks for the
 * class of an event needs a branch for those it does not know.
 *
 * <p>Events are immutable. Sequence number and run id are added by the host when it takes an event.
 */
public abstract class IntegrityEvent {
  private final Instant time;
  private final Subject subject;
  private final Origin origin;

  IntegrityEvent(Builder<?> builder) {
    this.time = Objects.requireNonNull(builder.time, "time");
    this.subject = builder.subject;
    this.origin = builder.origin;
  }

  /**
   * When the backend read it, by {@code BackendContext.clock()}; the kernel gives no time itself.
   */
  public final Instant time() {
    return time;
  }

  public final Subject subject() {
    return subject;
  }

  public final Origin origin() {
    return origin;
  }

  /** The word that appears in a line as {@code {event}}: {@code MODIFY}, {@code LOST}. */
  public abstract String eventName();

  /**
   * The path as the target sees it: the watched object, or the directory that {@link #file} is in.
   */
  public abstract FilePath path();

  /**
   * The name within {@link #path}, or {@link FilePath#EMPTY} if the event is about the path itself.
   */
  public FilePath file() {
    return FilePath.EMPTY;
  }

  public abstract FileType fileType();

  /**
   * What all events need. A builder may be used again after {@code build}: it keeps what was set,
   * which spares a reader thread an object per event. Not thread-safe.
   */
  public abstract static class Builder<B extends Builder<B>> {
    private Instant time;
    private final Subject subject;
    private final Origin origin;

    Builder(Subject subject, Origin origin) {
      this.subject = Objects.requireNonNull(subject, "subject");
      this.origin = Objects.requireNonNull(origin, "origin");
    }

    abstract B self();

    /** Required. */
    public final B time(Instant time) {
      this.time = time;
      return self();
    }

    public abstract IntegrityEvent build();
  }
}
