package dev.custos.agent.desired;

import dev.custos.snapshot.NodeSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many guarded paths the heap has room for. A plan that is too large is refused while there is
 * somebody to say so: out of memory, the agent would end, be started again and end again.
 */
public final class GuardRoom {
  /**
   * What a path takes at most, beside its own bytes: its rules, and as much again while its target
   * is looked at once more. Measured with 100,000 files in 100 directories.
   */
  static final long BYTES_PER_PATH = 3072;

  /** How often a path's bytes are there: in the manifest, snapshot, plan, rules and rows. */
  static final long COPIES = 8;

  /** What the agent needs for everything else. */
  static final long BESIDE = 10L << 20;

  private final long room;
  private final Map<String, Long> taken = new HashMap<>();

  private GuardRoom(long room) {
    this.room = room;
  }

  /** That of this process. */
  public static GuardRoom ofHeap() {
    return ofHeap(Runtime.getRuntime().maxMemory());
  }

  /**
   * That of a heap.
   *
   * @param bytes how large it may get
   */
  static GuardRoom ofHeap(long bytes) {
    return new GuardRoom(Math.max(bytes - BESIDE, 1 << 20));
  }

  /**
   * Takes the room for all of a snapshot.
   *
   * @return why there is none; empty if there is
   */
  public static String refusal(NodeSnapshot snapshot) {
    GuardRoom all = ofHeap();
    for (NodeSnapshot.Target target : snapshot.targets()) {
      String reason = all.take(target);
      if (!reason.isEmpty()) {
        return reason;
      }
    }
    return "";
  }

  /**
   * Takes the room for a target's guards, instead of what it had taken before.
   *
   * @return why there is none, and then none is taken; empty if there is
   */
  String take(NodeSnapshot.Target target) {
    taken.remove(target.id());
    long others = taken.values().stream().mapToLong(Long::longValue).sum();
    long bytes = 0;
    long paths = 0;
    for (NodeSnapshot.GuardSubject guard : target.guards()) {
      for (List<String> list : List.of(guard.allow(), guard.deny())) {
        paths += list.size();
        for (String path : list) {
          bytes += BYTES_PER_PATH + COPIES * path.length();
        }
      }
    }
    if (bytes <= room - others) {
      taken.put(target.id(), bytes);
      return "";
    }
    return "no room in memory for so many guarded paths: these "
        + paths
        + " need some "
        + megabytes(bytes)
        + " MB and there are "
        + ((room - others) >> 20)
        + "; set CUSTOS_HEAP to "
        + megabytes(heap(others + bytes))
        + "m or more, or guard directories instead of each file";
  }

  /** The heap that has some room: of one, what {@code maxMemory()} tells is a little less. */
  private static long heap(long bytes) {
    return (bytes + BESIDE) / 15 * 16;
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
