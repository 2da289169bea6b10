package dev.custos.snapshot;

import dev.custos.snapshot.NodeSnapshot.Permission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the words in {@code events} of a guard ask fanotify(7) for. */
final class GuardEvents {
  /**
   * The answer.
   *
   * @param leftOut words that no permission event stands behind, each once, as written
   */
  record Asked(Set<Permission> permissions, List<String> leftOut) {}

  private GuardEvents() {}

  static Asked ask(List<String> words) {
    Set<Permission> permissions = EnumSet.noneOf(Permission.class);
    List<String> leftOut = new ArrayList<>();
    for (String word : words) {
      switch (word) {
        case "open" -> permissions.add(Permission.OPEN_PERM);
        case "access" -> permissions.add(Permission.ACCESS_PERM);
        case "execute" -> permissions.add(Permission.OPEN_EXEC_PERM);
        case "all" -> {
          permissions.add(Permission.OPEN_PERM);
          permissions.add(Permission.ACCESS_PERM);
        }
        default -> {
          if (!leftOut.contains(word)) {
            leftOut.add(word);
          }
        }
      }
    }
    return new Asked(permissions, leftOut);
  }
}
