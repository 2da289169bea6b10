package dev.custos.spi.event;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** One thing that a scanner of any kind found. */
public final class Finding extends IntegrityEvent {
  /** How much it matters, in the words of RFC 5424, section 6.2.1. */
  public enum Severity {
    INFORMATIONAL,
    NOTICE,
    WARNING,
    ERROR,
    CRITICAL
  }

  private final String rule;
  private final Severity severity;
  private final FilePath path;
  private final FileType fileType;
  private final Map<String, String> attributes;

  private Finding(Builder builder) {
    super(builder);
    this.rule = Objects.requireNonNull(builder.rule, "rule");
    this.severity = builder.severity;
    this.path = builder.path;
    this.fileType = builder.fileType;
    this.attributes = Collections.unmodifiableMap(new TreeMap<>(builder.attributes));
  }

  public static Builder builder(Subject subject, Origin origin) {
    return new Builder(subject, origin);
  }

  /** What the scanner calls it: {@code changed}, {@code added}, a rule's id. */
  public String rule() {
    return rule;
  }

  public Severity severity() {
    return severity;
  }

  /** Details by name; what a container controls in them is escaped on the way out. */
  public Map<String, String> attributes() {
    return attributes;
  }

  @Override
  public String eventName() {
    return "FINDING";
  }

  @Override
  public FilePath path() {
    return path;
  }

  @Override
  public FileType fileType() {
    return fileType;
  }

  /** See {@link IntegrityEvent.Builder}. {@code rule} is required. */
  public static final class Builder extends IntegrityEvent.Builder<Builder> {
    private String rule;
    private Severity severity = Severity.WARNING;
    private FilePath path = FilePath.EMPTY;
    private FileType fileType = FileType.FILE;
    private Map<String, String> attributes = Map.of();

    private Builder(Subject subject, Origin origin) {
      super(subject, origin);
    }

    @Override
    Builder self() {
      return this;
    }

    public Builder rule(String rule) {
      this.rule = rule;
      return this;
    }

    public Builder severity(Severity severity) {
      this.severity = Objects.requireNonNull(severity, "severity");
      return this;
    }

    public Builder path(FilePath path) {
      this.path = Objects.requireNonNull(path, "path");
      return this;
    }

    public Builder fileType(FileType fileType) {
      this.fileType = Objects.requireNonNull(fileType, "fileType");
      return this;
    }

    public Builder attributes(Map<String, String> attributes) {
      this.attributes = Map.copyOf(attributes);
      return this;
    }

    @Override
    public Finding build() {
      return new Finding(this);
    }
  }
}
