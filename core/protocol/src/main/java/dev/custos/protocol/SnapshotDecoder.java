package dev.custos.protocol;

import dev.custos.manifest.WatchEvents;
import dev.custos.protocol.v1.Entry;
import dev.custos.protocol.v1.GuardSubject;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.protocol.v1.Target;
import dev.custos.protocol.v1.WatchSubject;
import dev.custos.snapshot.NodeSnapshot;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a message that may come from a controller of another version, from a damaged file, or from
 * somebody who should not send any: nothing in it is taken for granted.
 */
final class SnapshotDecoder {
  static final int MAX_TARGETS = 10_000;
  static final int MAX_SUBJECTS = 10_000;
  static final int MAX_ENTRIES = 200_000;

  /** In characters. A path has at most PATH_MAX = 4096 bytes; templates are the longest. */
  static final int MAX_TEXT = 16_384;

  private SnapshotDecoder() {}

  static NodeSnapshot decode(Snapshot message) throws SnapshotRefusedException {
    String version = required("version", message.getVersion());
    String node = required("node", message.getNode());
    atMost("targets", message.getTargetsCount(), MAX_TARGETS);
    List<NodeSnapshot.Target> targets = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < message.getTargetsCount(); i++) {
      String at = "targets[" + i + "]";
      NodeSnapshot.Target target = target(at, message.getTargets(i));
      if (!ids.add(target.id())) {
        throw new SnapshotRefusedException(at + ".id", "is there twice");
      }
      targets.add(target);
    }
    return new NodeSnapshot(version, node, targets);
  }

  private static NodeSnapshot.Target target(String at, Target message)
      throws SnapshotRefusedException {
    atMost(at + ".watches", message.getWatchesCount(), MAX_SUBJECTS);
    List<NodeSnapshot.WatchSubject> watches = new ArrayList<>();
    for (int i = 0; i < message.getWatchesCount(); i++) {
      watches.add(watch(at + ".watches[" + i + "]", message.getWatches(i)));
    }
    atMost(at + ".guards", message.getGuardsCount(), MAX_SUBJECTS);
    List<NodeSnapshot.GuardSubject> guards = new ArrayList<>();
    for (int i = 0; i < message.getGuardsCount(); i++) {
      guards.add(guard(at + ".guards[" + i + "]", message.getGuards(i)));
    }
    return new NodeSnapshot.Target(
        required(at + ".id", message.getId()),
        text(at + ".namespace", message.getNamespace()),
        text(at + ".pod", message.getPod()),
        text(at + ".pod_uid", message.getPodUid()),
        text(at + ".container", message.getContainer()),
        entries(at + ".labels", message.getLabelsList()),
        watches,
        guards);
  }

  private static NodeSnapshot.WatchSubject watch(String at, WatchSubject message)
      throws SnapshotRefusedException {
    Set<WatchEvents.Change> events = EnumSet.noneOf(WatchEvents.Change.class);
    for (int i = 0; i < message.getEventsCount(); i++) {
      events.add(change(at, i, message));
    }
    return new NodeSnapshot.WatchSubject(
        owner(at + ".owner", message.hasOwner(), message.getOwner()),
        text(at + ".log_format", message.getLogFormat()),
        entries(at + ".tags", message.getTagsList()),
        paths(at + ".paths", message.getPathsList()),
        events,
        texts(at + ".ignore", message.getIgnoreList()),
        message.getOnlyDir(),
        message.getRecursive(),
        notNegative(at + ".max_depth", message.getMaxDepth()),
        message.getFollowMove());
  }

  private static NodeSnapshot.GuardSubject guard(String at, GuardSubject message)
      throws SnapshotRefusedException {
    Set<NodeSnapshot.Permission> events = EnumSet.noneOf(NodeSnapshot.Permission.class);
    for (int i = 0; i < message.getEventsCount(); i++) {
      events.add(permission(at, i, message));
    }
    return new NodeSnapshot.GuardSubject(
        owner(at + ".owner", message.hasOwner(), message.getOwner()),
        text(at + ".log_format", message.getLogFormat()),
        entries(at + ".tags", message.getTagsList()),
        paths(at + ".allow", message.getAllowList()),
        paths(at + ".deny", message.getDenyList()),
        events,
        texts(at + ".left_out", message.getLeftOutList()),
        texts(at + ".ignore", message.getIgnoreList()),
        message.getOnlyDir(),
        message.getRecursive(),
        notNegative(at + ".max_depth", message.getMaxDepth()),
        message.getWholeMount(),
        message.getAutoAllowOwner(),
        message.getAudit(),
        message.getObserve(),
        message.getReportAll(),
        paths(at + ".executables", message.getExecutablesList()),
        message.getUidsList());
  }

  private static NodeSnapshot.Owner owner(String at, boolean present, Owner message)
      throws SnapshotRefusedException {
    if (!present) {
      throw new SnapshotRefusedException(at, "is missing");
    }
    return new NodeSnapshot.Owner(
        required(at + ".kind", message.getKind()),
        text(at + ".namespace", message.getNamespace()),
        required(at + ".name", message.getName()),
        notNegative(at + ".index", message.getIndex()));
  }

  private static WatchEvents.Change change(String at, int i, WatchSubject message)
      throws SnapshotRefusedException {
    return switch (message.getEvents(i)) {
      case CHANGE_ACCESS -> WatchEvents.Change.ACCESS;
      case CHANGE_ATTRIB -> WatchEvents.Change.ATTRIB;
      case CHANGE_CLOSE_WRITE -> WatchEvents.Change.CLOSE_WRITE;
      case CHANGE_CLOSE_NOWRITE -> WatchEvents.Change.CLOSE_NOWRITE;
      case CHANGE_CREATE -> WatchEvents.Change.CREATE;
      case CHANGE_DELETE -> WatchEvents.Change.DELETE;
      case CHANGE_DELETE_SELF -> WatchEvents.Change.DELETE_SELF;
      case CHANGE_MODIFY -> WatchEvents.Change.MODIFY;
      case CHANGE_MOVE_SELF -> WatchEvents.Change.MOVE_SELF;
      case CHANGE_MOVED_FROM -> WatchEvents.Change.MOVED_FROM;
      case CHANGE_MOVED_TO -> WatchEvents.Change.MOVED_TO;
      case CHANGE_OPEN -> WatchEvents.Change.OPEN;
      case CHANGE_UNSPECIFIED, UNRECOGNIZED -> throw unknownEvent(at, i, message.getEventsValue(i));
    };
  }

  private static NodeSnapshot.Permission permission(String at, int i, GuardSubject message)
      throws SnapshotRefusedException {
    return switch (message.getEvents(i)) {
      case PERMISSION_OPEN_PERM -> NodeSnapshot.Permission.OPEN_PERM;
      case PERMISSION_ACCESS_PERM -> NodeSnapshot.Permission.ACCESS_PERM;
      case PERMISSION_OPEN_EXEC_PERM -> NodeSnapshot.Permission.OPEN_EXEC_PERM;
      case PERMISSION_UNSPECIFIED, UNRECOGNIZED ->
          throw unknownEvent(at, i, message.getEventsValue(i));
    };
  }

  private static SnapshotRefusedException unknownEvent(String at, int i, int number) {
    return new SnapshotRefusedException(
        at + ".events[" + i + "]", number + " is no event that this version knows");
  }

  private static List<String> paths(String at, List<String> paths) throws SnapshotRefusedException {
    List<String> copy = texts(at, paths);
    for (int i = 0; i < copy.size(); i++) {
      if (!copy.get(i).startsWith("/")) {
        throw new SnapshotRefusedException(at + "[" + i + "]", "is not an absolute path");
      }
    }
    return copy;
  }

  private static List<String> texts(String at, List<String> texts) throws SnapshotRefusedException {
    atMost(at, texts.size(), MAX_ENTRIES);
    for (int i = 0; i < texts.size(); i++) {
      text(at + "[" + i + "]", texts.get(i));
    }
    return texts;
  }

  private static Map<String, String> entries(String at, List<Entry> entries)
      throws SnapshotRefusedException {
    atMost(at, entries.size(), MAX_ENTRIES);
    Map<String, String> map = new LinkedHashMap<>();
    for (Entry entry : entries) {
      map.put(text(at, entry.getKey()), text(at, entry.getValue()));
    }
    return map;
  }

  private static String required(String at, String text) throws SnapshotRefusedException {
    if (text.isEmpty()) {
      throw new SnapshotRefusedException(at, "is missing");
    }
    return text(at, text);
  }

  private static String text(String at, String text) throws SnapshotRefusedException {
    if (text.length() > MAX_TEXT) {
      throw new SnapshotRefusedException(
          at, text.length() + " characters are more than the " + MAX_TEXT + " allowed");
    }
    // No system call can be handed one, and where C takes over, the rest would vanish.
    if (text.indexOf('\0') >= 0) {
      throw new SnapshotRefusedException(at, "holds a NUL character");
    }
    return text;
  }

  private static int notNegative(String at, int value) throws SnapshotRefusedException {
    if (value < 0) {
      throw new SnapshotRefusedException(at, value + " is negative");
    }
    return value;
  }

  private static void atMost(String at, int count, int limit) throws SnapshotRefusedException {
    if (count > limit) {
      throw new SnapshotRefusedException(
          at, count + " entries are more than the " + limit + " allowed");
    }
  }
}
