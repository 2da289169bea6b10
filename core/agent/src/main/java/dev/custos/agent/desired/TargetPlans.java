package dev.custos.agent.desired;

import dev.custos.format.LineTemplate;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchPlan;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a snapshot asks of one target, in the SPI's words.
 *
 * @param templates the line template of each subject
 */
record TargetPlans(WatchPlan watch, GuardPlan guard, Map<Subject, LineTemplate> templates) {

  /** Translates. Neither opens anything nor fails. */
  static TargetPlans of(NodeSnapshot.Target wanted, Target target) {
    Map<Subject, LineTemplate> templates = new HashMap<>();
    List<Watch> watches = new ArrayList<>();
    for (NodeSnapshot.WatchSubject subject : wanted.watches()) {
      Subject owner = owner(subject.owner(), subject.tags());
      templates.put(owner, template(subject.logFormat(), TemplateKind.WATCH));
      watches(subject, owner, watches);
    }
    List<Guard> guards = new ArrayList<>();
    for (NodeSnapshot.GuardSubject subject : wanted.guards()) {
      Subject owner = owner(subject.owner(), subject.tags());
      templates.put(owner, template(subject.logFormat(), TemplateKind.GUARD));
      guards.add(guard(subject, owner));
    }
    return new TargetPlans(
        new WatchPlan(target, watches), new GuardPlan(target, guards), templates);
  }

  private static Subject owner(NodeSnapshot.Owner owner, Map<String, String> tags) {
    return new Subject(owner.kind(), owner.namespace(), owner.name(), owner.index(), tags);
  }

  /** Templates are validated where they come in; one that is not is replaced, not fatal. */
  private static LineTemplate template(String text, TemplateKind kind) {
    try {
      return LineTemplate.parse(text, kind);
    } catch (TemplateException e) {
      try {
        return LineTemplate.parse(kind.defaultText(), kind);
      } catch (TemplateException impossible) {
        throw new IllegalStateException("the default template of " + kind, impossible);
      }
    }
  }

  private static void watches(
      NodeSnapshot.WatchSubject subject, Subject owner, List<Watch> watches) {
    Set<ChangeKind> named = EnumSet.noneOf(ChangeKind.class);
    for (WatchEvents.Change change : subject.events()) {
      named.add(ChangeKind.valueOf(change.name()));
    }
    // One for all its paths: a watch copies what is not immutable.
    Set<ChangeKind> kinds = Set.copyOf(named);
    for (String path : subject.paths()) {
      watches.add(
          new Watch(
              owner,
              FilePath.of(path),
              kinds,
              subject.recursive(),
              subject.maxDepth(),
              subject.ignore(),
              subject.onlyDir(),
              subject.followMove()));
    }
  }

  private static Guard guard(NodeSnapshot.GuardSubject subject, Subject owner) {
    Set<PermissionKind> kinds = EnumSet.noneOf(PermissionKind.class);
    for (NodeSnapshot.Permission permission : subject.events()) {
      kinds.add(PermissionKind.valueOf(permission.name()));
    }
    return new Guard(
        owner,
        paths(subject.allow()),
        paths(subject.deny()),
        kinds,
        subject.recursive(),
        subject.maxDepth(),
        subject.ignore(),
        subject.onlyDir(),
        subject.wholeMount(),
        subject.autoAllowOwner(),
        subject.audit(),
        subject.observe() ? Guard.Mode.OBSERVE : Guard.Mode.ENFORCE,
        subject.reportAll() ? Guard.Report.ALL : Guard.Report.DENIED,
        new Guard.Processes(
            new HashSet<>(paths(subject.executables())), new HashSet<>(subject.uids())),
        subject.leftOut());
  }

  private static List<FilePath> paths(List<String> written) {
    List<FilePath> paths = new ArrayList<>();
    for (String path : written) {
      paths.add(FilePath.of(path));
    }
    return paths;
  }
}
