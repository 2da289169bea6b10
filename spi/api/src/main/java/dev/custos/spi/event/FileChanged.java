package dev.custos.spi.event;

import java.util.Objects;

/** A change that a watch backend saw. */
public final class FileChanged extends IntegrityEvent {
  private final ChangeKind kind;
  private final FilePath path;
  private final FilePath file;
  private final FileType fileType;
  private final int cookie;
  private final boolean synthetic;

  private FileChanged(Builder builder) {
    super(builder);
    this.kind = Objects.requireNonNull(builder.kind, "kind");
    this.path = Objects.requireNonNull(builder.path, "path");
    this.file = builder.file;
    this.fileType = builder.fileType;
    this.cookie = builder.cookie;
    this.synthetic = builder.synthetic;
  }

  public static Builder builder(Subject subject, Origin origin) {
    return new Builder(subject, origin);
  }

  public ChangeKind kind() {
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
  public FilePath file() {
    return file;
  }

  @Override
  public FileType fileType() {
    return fileType;
  }

  /** Ties a {@code MOVED_FROM} to its {@code MOVED_TO}; 0 for every other kind. */
  public int cookie() {
    return cookie;
  }

  /**
   * Whether the backend found this by looking, because it happened before the watch was in place or
   * while the kernel's queue was full. One synthetic event may stand for several changes.
   */
  public boolean synthetic() {
    return synthetic;
  }

  /** See {@link IntegrityEvent.Builder}. {@code kind} and {@code path} are required. */
  public static final class Builder extends IntegrityEvent.Builder<Builder> {
    private ChangeKind kind;
    private FilePath path;
    private FilePath file = FilePath.EMPTY;
    private FileType fileType = FileType.FILE;
    private int cookie;
    private boolean synthetic;

    private Builder(Subject subject, Origin origin) {
      super(subject, origin);
    }

    @Override
    Builder self() {
      return this;
    }

    public Builder kind(ChangeKind kind) {
      this.kind = kind;
      return this;
    }

    public Builder path(FilePath path) {
      this.path = path;
      return this;
    }

    public Builder file(FilePath file) {
      this.file = Objects.requireNonNull(file, "file");
      return this;
    }

    public Builder fileType(FileType fileType) {
      this.fileType = Objects.requireNonNull(fileType, "fileType");
      return this;
    }

    public Builder cookie(int cookie) {
      this.cookie = cookie;
      return this;
    }

    public Builder synthetic(boolean synthetic) {
      this.synthetic = synthetic;
      return this;
    }

    @Override
    public FileChanged build() {
      return new FileChanged(this);
    }
  }
}
