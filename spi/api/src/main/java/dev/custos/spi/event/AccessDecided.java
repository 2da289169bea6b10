package dev.custos.spi.event;

import java.util.Objects;
import java.util.Optional;

/** An answer that a guard backend gave to the kernel, published after it was given. */
public final class AccessDecided extends IntegrityEvent {
  /** What the process was told. */
  public enum Response {
    ALLOW,
    DENY,
    /** Allowed, because the guard only observes; it would have been denied. */
    WOULD_DENY
  }

  private final Response response;
  private final PermissionKind kind;
  private final FilePath path;
  private final FileType fileType;
  private final String rule;
  private final ProcessFacts process;

  private AccessDecided(Builder builder) {
    super(builder);
    this.response = Objects.requireNonNull(builder.response, "response");
    this.kind = Objects.requireNonNull(builder.kind, "kind");
    this.path = Objects.requireNonNull(builder.path, "path");
    this.fileType = builder.fileType;
    this.rule = builder.rule;
    this.process = builder.process;
  }

  public static Builder builder(Subject subject, Origin origin) {
    return new Builder(subject, origin);
  }

  public Response response() {
    return response;
  }

  public PermissionKind kind() {
    return kind;
  }

  @Override
  public String eventName() {
    return kind.name();
  }

  @Override
  public FilePath path() {
    return path;
  }

  @Override
  public FileType fileType() {
    return fileType;
  }

  /** What decided: {@code deny /etc/shadow}, {@code protected}. */
  public String rule() {
    return rule;
  }

  /** Who asked, where the guard needed to know or could tell. */
  public Optional<ProcessFacts> process() {
    return Optional.ofNullable(process);
  }

  /** See {@link IntegrityEvent.Builder}. Response, kind and path are required. */
  public static final class Builder extends IntegrityEvent.Builder<Builder> {
    private Response response;
    private PermissionKind kind;
    private FilePath path;
    private FileType fileType = FileType.FILE;
    private String rule = "";
    private ProcessFacts process;

    private Builder(Subject subject, Origin origin) {
      super(subject, origin);
    }

    @Override
    Builder self() {
      return this;
    }

    public Builder response(Response response) {
      this.response = response;
      return this;
    }

    public Builder kind(PermissionKind kind) {
      this.kind = kind;
      return this;
    }

    public Builder path(FilePath path) {
      this.path = path;
      return this;
    }

    public Builder fileType(FileType fileType) {
      this.fileType = Objects.requireNonNull(fileType, "fileType");
      return this;
    }

    public Builder rule(String rule) {
      this.rule = Objects.requireNonNull(rule, "rule");
      return this;
    }

    public Builder process(ProcessFacts process) {
      this.process = process;
      return this;
    }

    @Override
    public AccessDecided build() {
      return new AccessDecided(this);
    }
  }
}
