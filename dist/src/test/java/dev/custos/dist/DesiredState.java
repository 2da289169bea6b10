package dev.custos.dist;

import dev.custos.dist.FaultClaims.Claim;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds what there is against what is asked for: which files are told and which opens are denied
 * from a moment on, and which watches and marks the kernel has.
 */
final class DesiredState {
  private final List<FaultPod> pods;
  private final ReceivedEvents received;
  private final Map<FaultPod, Integer> files = new HashMap<>();
  private Instant since;

  /** From here on what happens has to be told of as is asked for. */
  DesiredState(List<FaultPod> pods, ReceivedEvents received) {
    this.pods = pods;
    this.received = received;
    restart();
  }

  private void restart() {
    pods.forEach(pod -> files.put(pod, pod.made().size()));
    since = Instant.now();
  }

  /** The claims that had no effect yet. */
  List<Claim> without(Set<Claim> wanted) throws IOException {
    received.read();
    return wanted.stream().filter(claim -> !hasEffect(claim)).toList();
  }

  /** The claims that are still served, though nobody asks for them; from here on they must not. */
  List<Claim> stale(Set<Claim> wanted, Set<Claim> ever) {
    List<Claim> stale =
        ever.stream()
            .filter(claim -> !wanted.contains(claim) && pods.contains(claim.pod()))
            .filter(this::hasEffect)
            .toList();
    if (!stale.isEmpty()) {
      restart();
    }
    return stale;
  }

  private boolean hasEffect(Claim claim) {
    if (claim.isGuard()) {
      List<FaultPod.Asked> asked = claim.pod().asked();
      FaultPod.Asked last = asked.isEmpty() ? null : asked.get(asked.size() - 1);
      return last != null && last.denied() && last.before().isAfter(since);
    }
    int from = files.get(claim.pod());
    return received.filesOf(claim.subject()).stream().anyMatch(number -> number >= from);
  }

  /** What of a node's pods the kernel has a watch or a mark of, and what it should have. */
  record Kernel(List<String> has, List<String> wanted) {}

  /** Looks into {@code /proc/PID/fdinfo} of a node's agent. */
  Kernel kernel(FaultWorld.Node node, Set<Claim> wanted) throws IOException {
    Set<String> marks = KernelMarks.of(node.agent().pid());
    Set<String> asked = new HashSet<>();
    for (Claim claim : wanted) {
      if (claim.pod().node().equals(node.name())) {
        asked.add(mark(claim.pod(), claim.subject().path()));
      }
    }
    List<String> has = new ArrayList<>();
    List<String> should = new ArrayList<>();
    for (FaultPod pod : pods) {
      if (pod.node().equals(node.name())) {
        // Directories above these are watched, too.
        for (String path : List.of("/w", "/v", FaultPod.SECRET)) {
          String mark = mark(pod, path);
          String text = pod.name() + path + " " + mark;
          if (marks.contains(mark)) {
            has.add(text);
          }
          if (asked.contains(mark)) {
            should.add(text);
          }
        }
      }
    }
    return new Kernel(has, should);
  }

  /** Each of a pod's directories is a file system of its own. */
  private static String mark(FaultPod pod, String path) throws IOException {
    return path.equals(FaultPod.SECRET)
        ? "fanotify " + pod.device("/g")
        : "inotify " + pod.device(path);
  }
}
