package dev.custos.snapshot;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** A snapshot as text that a person can compare: what is at its default is left out. */
final class SnapshotText {
  private final StringBuilder out = new StringBuilder();

  private SnapshotText() {}

  static String of(NodeSnapshot snapshot) {
    SnapshotText text = new SnapshotText();
    text.line(0, "node " + snapshot.node());
    snapshot.targets().forEach(text::target);
    return text.out.toString();
  }

  private void target(NodeSnapshot.Target target) {
    line(0, "");
    line(0, "target " + target.id());
    line(
        1,
        "of "
            + String.join("/", target.namespace(), target.pod(), target.container())
            + (target.podUid().isEmpty() ? "" : " uid " + target.podUid()));
    field(1, "labels", target.labels());
    target.watches().forEach(this::watch);
    target.guards().forEach(this::guard);
  }

  private void watch(NodeSnapshot.WatchSubject watch) {
    subject("watch", watch.owner(), watch.logFormat(), watch.tags());
    field(2, "paths", watch.paths());
    field(2, "events", names(watch.events()));
    field(2, "ignore", watch.ignore());
    flag("onlyDir", watch.onlyDir());
    flag("recursive", watch.recursive());
    field(2, "maxDepth", watch.maxDepth());
    flag("followMove", watch.followMove());
  }

  private void guard(NodeSnapshot.GuardSubject guard) {
    subject("guard", guard.owner(), guard.logFormat(), guard.tags());
    field(2, "allow", guard.allow());
    field(2, "deny", guard.deny());
    field(2, "events", names(guard.events()));
    field(2, "leftOut", guard.leftOut());
    field(2, "ignore", guard.ignore());
    flag("onlyDir", guard.onlyDir());
    flag("recursive", guard.recursive());
    field(2, "maxDepth", guard.maxDepth());
    flag("wholeMount", guard.wholeMount());
    flag("autoAllowOwner", guard.autoAllowOwner());
    flag("audit", guard.audit());
    flag("observe", guard.observe());
    flag("reportAll", guard.reportAll());
    field(2, "executables", guard.executables());
    field(2, "uids", guard.uids());
  }

  private void subject(
      String what, NodeSnapshot.Owner owner, String logFormat, Map<String, String> tags) {
    String resource = owner.namespace().isEmpty() ? "" : owner.namespace() + "/";
    line(1, what + " " + owner.kind() + " " + resource + owner.name() + " #" + owner.index());
    field(2, "logFormat", logFormat);
    field(2, "tags", tags);
  }

  private static List<String> names(Set<? extends Enum<?>> constants) {
    return constants.stream().map(Enum::name).sorted().toList();
  }

  private void flag(String name, boolean set) {
    if (set) {
      line(2, name);
    }
  }

  private void field(int depth, String name, Object value) {
    String text = value.toString();
    if (!text.equals("[]") && !text.equals("{}") && !text.equals("0")) {
      line(depth, name + " " + text);
    }
  }

  private void line(int depth, String text) {
    out.append("  ".repeat(depth)).append(text).append('\n');
  }
}
