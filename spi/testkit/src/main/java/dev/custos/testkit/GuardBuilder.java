package dev.custos.testkit;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Mode;
import dev.custos.spi.guard.Guard.Processes;
import dev.custos.spi.guard.Guard.Report;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes guards for tests: of opens, enforced and all reported unless said otherwise. */
public final class GuardBuilder {
  private final Subject subject;
  private List<FilePath> allow = List.of();
  private List<FilePath> deny = List.of();
  private Set<PermissionKind> kinds = Set.of(PermissionKind.OPEN_PERM);
  private boolean recursive;
  private int maxDepth;
  private List<String> ignore = List.of();
  private boolean onlyDir;
  private boolean wholeMount;
  private boolean autoAllowOwner;
  private boolean audit;
  private Mode mode = Mode.ENFORCE;
  private Report report = Report.ALL;
  private Processes processes = Processes.EVERYONE;
  private List<String> leftOut = List.of();

  private GuardBuilder(Subject subject) {
    this.subject = subject;
  }

  public static GuardBuilder guard(Subject subject) {
    return new GuardBuilder(subject);
  }

  /** The subject of a guard in tests. */
  public static Subject subject(String name) {
    return new Subject("JanusGuard", "contract", name, 0, Map.of("by", "contract"));
  }

  public GuardBuilder allow(String... paths) {
    allow = Arrays.stream(paths).map(FilePath::of).toList();
    return this;
  }

  public GuardBuilder deny(String... paths) {
    deny = Arrays.stream(paths).map(FilePath::of).toList();
    return this;
  }

  public GuardBuilder kinds(PermissionKind... some) {
    kinds = Set.of(some);
    return this;
  }

  public GuardBuilder recursive() {
    recursive = true;
    return this;
  }

  public GuardBuilder maxDepth(int levels) {
    maxDepth = levels;
    return this;
  }

  public GuardBuilder ignore(String... rules) {
    ignore = List.of(rules);
    return this;
  }

  public GuardBuilder onlyDir() {
    onlyDir = true;
    return this;
  }

  public GuardBuilder wholeMount() {
    wholeMount = true;
    return this;
  }

  public GuardBuilder autoAllowOwner() {
    autoAllowOwner = true;
    return this;
  }

  public GuardBuilder audit() {
    audit = true;
    return this;
  }

  public GuardBuilder observe() {
    mode = Mode.OBSERVE;
    return this;
  }

  public GuardBuilder reportDenied() {
    report = Report.DENIED;
    return this;
  }

  public GuardBuilder processes(Processes some) {
    processes = some;
    return this;
  }

  public GuardBuilder leftOut(String... events) {
    leftOut = List.of(events);
    return this;
  }

  public Guard build() {
    return new Guard(
        subject,
        allow,
        deny,
        kinds,
        recursive,
        maxDepth,
        ignore,
        onlyDir,
        wholeMount,
        autoAllowOwner,
        audit,
        mode,
        report,
        processes,
        leftOut);
  }
}
