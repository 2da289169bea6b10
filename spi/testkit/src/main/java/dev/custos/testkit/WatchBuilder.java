package dev.custos.testkit;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Makes a {@link Watch} from what matters to a test; the rest is plain. */
public final class WatchBuilder {
  private final Subject subject;
  private final FilePath path;
  private Set<ChangeKind> kinds = EnumSet.allOf(ChangeKind.class);
  private boolean recursive;
  private int maxDepth;
  private List<String> ignore = List.of();
  private boolean onlyDir;
  private boolean followMove;

  private WatchBuilder(Subject subject, FilePath path) {
    this.subject = subject;
    this.path = path;
  }

  /** All kinds, not recursive, nothing ignored. */
  public static WatchBuilder watch(Subject subject, String path) {
    return watch(subject, FilePath.of(path));
  }

  public static WatchBuilder watch(Subject subject, FilePath path) {
    return new WatchBuilder(subject, path);
  }

  public WatchBuilder kinds(ChangeKind first, ChangeKind... rest) {
    return kinds(EnumSet.of(first, rest));
  }

  public WatchBuilder kinds(Set<ChangeKind> kinds) {
    this.kinds = kinds;
    return this;
  }

  public WatchBuilder recursive() {
    this.recursive = true;
    return this;
  }

  public WatchBuilder maxDepth(int maxDepth) {
    this.maxDepth = maxDepth;
    return this;
  }

  public WatchBuilder ignore(String... ignore) {
    this.ignore = List.of(ignore);
    return this;
  }

  public WatchBuilder onlyDir() {
    this.onlyDir = true;
    return this;
  }

  public WatchBuilder followMove() {
    this.followMove = true;
    return this;
  }

  public Watch build() {
    return new Watch(subject, path, kinds, recursive, maxDepth, ignore, onlyDir, followMove);
  }
}
