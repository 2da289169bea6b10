package dev.custos.controller.server;

import dev.custos.controller.status.ReportedSubject;
import dev.custos.snapshot.NodeSnapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What reports on one stream may be about: the targets of the last few snapshots that were given to
 * it. An agent is believed about its own node alone. Not thread-safe.
 */
final class SentSnapshots {
  // A report is seldom more than one version behind.
  private static final int VERSIONS_KEPT = 8;

  private record Asked(Set<String> targets, int paths) {}

  private final Map<String, Asked> versions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Asked> eldest) {
          return size() > VERSIONS_KEPT;
        }
      };
  private Asked newest = new Asked(Set.of(), 0);

  void add(NodeSnapshot snapshot) {
    Set<String> targets = new HashSet<>();
    int paths = 0;
    for (NodeSnapshot.Target target : snapshot.targets()) {
      targets.add(target.id());
      for (NodeSnapshot.WatchSubject watch : target.watches()) {
        paths += watch.paths().size();
      }
      for (NodeSnapshot.GuardSubject guard : target.guards()) {
        paths += guard.allow().size() + guard.deny().size();
      }
    }
    // Mostly specs change and not the targets: then the set is shared.
    newest = new Asked(targets.equals(newest.targets()) ? newest.targets() : targets, paths);
    versions.remove(snapshot.version());
    versions.put(snapshot.version(), newest);
  }

  /**
   * The rows about targets of that snapshot; empty if it was none of this stream's.
   *
   * @throws IllegalArgumentException if there are more than the snapshot asks for
   */
  Optional<List<ReportedSubject>> own(String version, List<ReportedSubject> rows) {
    Asked asked = versions.get(version);
    if (asked == null) {
      return Optional.empty();
    }
    List<ReportedSubject> own = new ArrayList<>(rows.size());
    int paths = 0;
    for (ReportedSubject row : rows) {
      if (asked.targets().contains(row.container())) {
        own.add(row);
        paths += row.paths().size();
      }
    }
    if (paths > asked.paths()) {
      throw new IllegalArgumentException(
          "subjects: hold " + paths + " paths, and the snapshot asks for " + asked.paths());
    }
    return Optional.of(own);
  }
}
