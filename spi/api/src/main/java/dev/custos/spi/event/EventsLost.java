package dev.custos.spi.event;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/** Events that are missing, told as an event: what, where, how many, from when to when. */
public final class EventsLost extends IntegrityEvent {
  private final LossReason reason;
  private final FilePath path;
  private final OptionalLong count;
  private final Instant from;
  private final Instant to;
  private final String detail;

  private EventsLost(Builder builder) {
    super(builder);
    this.reason = Objects.requireNonNull(builder.reason, "reason");
    this.path = builder.path;
    this.count = builder.count;
    this.from = builder.from == null ? time() : builder.from;
    this.to = builder.to == null ? time() : builder.to;
    this.detail = builder.detail;
  }

  public static Builder builder(Subject subject, Origin origin) {
    return new Builder(subject, origin);
  }

  public LossReason reason() {
    return reason;
  }

  /** How many are missing; empty where nobody can know, as after an overflow in the kernel. */
  public OptionalLong count() {
    return count;
  }

  /** The latest moment up to which nothing is missing. */
  public Instant from() {
    return from;
  }

  /** The moment from which on nothing is missing. */
  public Instant to() {
    return to;
  }

  /** A sentence for a human; may be empty. */
  public String detail() {
    return detail;
  }

  @Override
  public String eventName() {
    return "LOST";
  }

  /** The path whose events are missing, or {@link FilePath#EMPTY}. */
  @Override
  public FilePath path() {
    return path;
  }

  @Override
  public FileType fileType() {
    return FileType.DIRECTORY;
  }

  /** See {@link IntegrityEvent.Builder}. {@code reason} is required. */
  public static final class Builder extends IntegrityEvent.Builder<Builder> {
    private LossReason reason;
    private FilePath path = FilePath.EMPTY;
    private OptionalLong count = OptionalLong.empty();
    private Instant from;
    private Instant to;
    private String detail = "";

    private Builder(Subject subject, Origin origin) {
      super(subject, origin);
    }

    @Override
    Builder self() {
      return this;
    }

    public Builder reason(LossReason reason) {
      this.reason = reason;
      return this;
    }

    public Builder path(FilePath path) {
      this.path = Objects.requireNonNull(path, "path");
      return this;
    }

    public Builder count(long count) {
      this.count = OptionalLong.of(count);
      return this;
    }

    /** By default the event's time. */
    public Builder from(Instant from) {
      this.from = from;
      return this;
    }

    /** By default the event's time. */
    public Builder to(Instant to) {
      this.to = to;
      return this;
    }

    public Builder detail(String detail) {
      this.detail = Objects.requireNonNull(detail, "detail");
      return this;
    }

    @Override
    public EventsLost build() {
      return new EventsLost(this);
    }
  }
}
