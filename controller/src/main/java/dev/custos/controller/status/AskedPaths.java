package dev.custos.controller.status;

import dev.custos.manifest.GuardEvents;
import dev.custos.manifest.GuardSpec;
import dev.custos.manifest.Manifest;
import dev.custos.manifest.WatcherSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a resource asks for in each container, by its spec alone. */
final class AskedPaths {
  private AskedPaths() {}

  /**
   * The paths of each subject, each once. An agent has one row for a path that a guard's subject
   * names under allow and under deny.
   */
  static List<Set<String>> of(Manifest manifest) {
    List<Set<String>> subjects = new ArrayList<>();
    if (manifest instanceof Manifest.Watcher watcher) {
      for (WatcherSpec.Subject subject : watcher.spec().subjects()) {
        subjects.add(new LinkedHashSet<>(subject.paths()));
      }
    } else if (manifest instanceof Manifest.Guard guard) {
      for (GuardSpec.Subject subject : guard.spec().subjects()) {
        Set<String> paths = new LinkedHashSet<>(subject.deny());
        paths.addAll(subject.allow());
        subjects.add(paths);
      }
    }
    return subjects;
  }

  /**
   * The events of a guard that no permission event stands behind, one line for each subject that
   * has any: {@code spec.subjects[0].events: modify}.
   */
  static List<String> leftOut(Manifest manifest) {
    List<String> lines = new ArrayList<>();
    if (manifest instanceof Manifest.Guard guard) {
      List<GuardSpec.Subject> subjects = guard.spec().subjects();
      for (int i = 0; i < subjects.size(); i++) {
        Set<String> words = new LinkedHashSet<>(subjects.get(i).events());
        GuardEvents.words().forEach(words::remove);
        if (!words.isEmpty()) {
          lines.add("spec.subjects[" + i + "].events: " + String.join(", ", words));
        }
      }
    }
    return lines;
  }
}
