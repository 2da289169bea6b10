package dev.custos.spi.event;

import java.time.Duration;
import java.util.Objects;

/** A scan came to its end, well or not. What it found comes before it as {@link Finding}s. */
public final class ScanCompleted extends IntegrityEvent {
  /** How a scan ended. */
  public enum Outcome {
    SUCCEEDED,
    /** The scan ran, and files differ from the baseline. */
    FAILED,
    /** The scan itself could not be done. */
    ERRORED
  }

  private final Outcome outcome;
  private final long added;
  private final long changed;
  private final long removed;
  private final Duration duration;
  private final String detail;

  private ScanCompleted(Builder builder) {
    super(builder);
    this.outcome = Objects.requireNonNull(builder.outcome, "outcome");
    this.added = builder.added;
    this.changed = builder.changed;
    this.removed = builder.removed;
    this.duration = builder.duration;
    this.detail = builder.detail;
  }

  public static Builder builder(Subject subject, Origin origin) {
    return new Builder(subject, origin);
  }

  public Outcome outcome() {
    return outcome;
  }

  public long added() {
    return added;
  }

  public long changed() {
    return changed;
  }

  public long removed() {
    return removed;
  }

  public Duration duration() {
    return duration;
  }

  /** Why a scan errored; empty otherwise. */
  public String detail() {
    return detail;
  }

  @Override
  public String eventName() {
    return "SCAN_" + outcome;
  }

  @Override
  public FilePath path() {
    return FilePath.EMPTY;
  }

  @Override
  public FileType fileType() {
    return FileType.DIRECTORY;
  }

  /** See {@link IntegrityEvent.Builder}. {@code outcome} is required. */
  public static final class Builder extends IntegrityEvent.Builder<Builder> {
    private Outcome outcome;
    private long added;
    private long changed;
    private long removed;
    private Duration duration = Duration.ZERO;
    private String detail = "";

    private Builder(Subject subject, Origin origin) {
      super(subject, origin);
    }

    @Override
    Builder self() {
      return this;
    }

    public Builder outcome(Outcome outcome) {
      this.outcome = outcome;
      return this;
    }

    public Builder counts(long added, long changed, long removed) {
      this.added = added;
      this.changed = changed;
      this.removed = removed;
      return this;
    }

    public Builder duration(Duration duration) {
      this.duration = Objects.requireNonNull(duration, "duration");
      return this;
    }

    public Builder detail(String detail) {
      this.detail = Objects.requireNonNull(detail, "detail");
      return this;
    }

    @Override
    public ScanCompleted build() {
      return new ScanCompleted(this);
    }
  }
}
