package dev.custos.snapshot;

import dev.custos.manifest.GuardEvents;
import dev.custos.snapshot.NodeSnapshot.Permission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the words in {@code events} of a guard ask fanotify(7) for.
 *
 * @param leftOut words that no permission event stands behind, each once, as written
 */
record AskedPermissions(Set<Permission> permissions, List<String> leftOut) {
  /** A subject without any word asks for {@link GuardEvents#ALL}. */
  static AskedPermissions by(List<String> words) {
    Set<Permission> permissions = EnumSet.noneOf(Permission.class);
    List<String> leftOut = new ArrayList<>();
    for (String word : words.isEmpty() ? List.of(GuardEvents.ALL) : words) {
      switch (word) {
        case GuardEvents.OPEN -> permissions.add(Permission.OPEN_PERM);
        case GuardEvents.ACCESS -> permissions.add(Permission.ACCESS_PERM);
        case GuardEvents.EXECUTE -> permissions.add(Permission.OPEN_EXEC_PERM);
        case GuardEvents.ALL -> {
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
    return new AskedPermissions(permissions, leftOut);
  }
}
