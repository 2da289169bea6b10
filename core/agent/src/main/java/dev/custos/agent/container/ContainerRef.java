package dev.custos.agent.container;

import dev.custos.snapshot.NodeSnapshot;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which container of which pod: as the pod's status names it, or as cgroups are named.
 *
 * @param podUid the uid that the kubelet names the pod's cgroup after
 * @param id the container runtime's own id, without the runtime's name before it
 */
record ContainerRef(String podUid, String id) {
  // RUNTIME://ID, as in containerStatuses[].containerID. An id becomes the name of a cgroup.
  private static final Pattern NAMED = Pattern.compile("[a-z0-9-]+://([a-zA-Z0-9][a-zA-Z0-9_-]*)");
  private static final int LONGEST = 256;

  /** Empty if the target's id does not name a container. */
  static Optional<ContainerRef> of(NodeSnapshot.Target target) {
    if (target.id().length() > LONGEST) {
      return Optional.empty();
    }
    Matcher named = NAMED.matcher(target.id());
    return named.matches()
        ? Optional.of(new ContainerRef(target.podUid(), named.group(1)))
        : Optional.empty();
  }
}
