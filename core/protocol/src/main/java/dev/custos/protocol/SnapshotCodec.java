package dev.custos.protocol;

import com.google.protobuf.CodedOutputStream;
import dev.custos.manifest.WatchEvents;
import dev.custos.protocol.v1.Change;
import dev.custos.protocol.v1.Entry;
import dev.custos.protocol.v1.GuardSubject;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.Permission;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.protocol.v1.Target;
import dev.custos.protocol.v1.WatchSubject;
import dev.custos.snapshot.NodeSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Between {@link NodeSnapshot} and its message. Stateless. */
public final class SnapshotCodec {
  /** The largest snapshot, in bytes of its message. */
  public static final int MAX_SNAPSHOT_BYTES = 32 << 20;

  /**
   * What an agent's channel must let in, in bytes: the largest snapshot and what is wrapped around
   * it. gRPC's own default of 4 MiB is less.
   */
  public static final int MAX_MESSAGE_BYTES = MAX_SNAPSHOT_BYTES + 1024;

  /** The largest message that an agent may send, in bytes: its report on a snapshot. */
  public static final int MAX_REPORT_BYTES = 16 << 20;

  /** Of that, what is left to the reasons of paths that are not active. */
  private static final int ROOM_FOR_REASONS = 2 << 20;

  /** In bytes, at most: tags, lengths and states of a subject's row, and of a path in it. */
  private static final int AROUND_A_SUBJECT = 40;

  private static final int AROUND_A_PATH = 16;

  private SnapshotCodec() {}

  /**
   * The message of a snapshot. Equal snapshots give equal bytes.
   *
   * @throws SnapshotRefusedException if it is larger than {@link #MAX_SNAPSHOT_BYTES}, so that
   *     every receiver would refuse it, or asks for so much that no report on it fits into {@link
   *     #MAX_REPORT_BYTES}
   */
  public static Snapshot encode(NodeSnapshot snapshot) throws SnapshotRefusedException {
    Snapshot.Builder message =
        Snapshot.newBuilder().setVersion(snapshot.version()).setNode(snapshot.node());
    snapshot.targets().forEach(t -> message.addTargets(target(t)));
    Snapshot built = message.build();
    checkSize(built);
    checkReport(built);
    return built;
  }

  /**
   * The snapshot of a message.
   *
   * @throws SnapshotRefusedException if anything in it is missing, unknown, out of bounds or of no
   *     possible use. Fields that this version does not know are passed over.
   */
  public static NodeSnapshot decode(Snapshot message) throws SnapshotRefusedException {
    checkSize(message);
    return SnapshotDecoder.decode(message);
  }

  private static void checkSize(Snapshot message) throws SnapshotRefusedException {
    int size = message.getSerializedSize();
    if (size > MAX_SNAPSHOT_BYTES) {
      throw new SnapshotRefusedException(
          "snapshot", size + " bytes are more than the " + MAX_SNAPSHOT_BYTES + " allowed");
    }
  }

  private static void checkReport(Snapshot message) throws SnapshotRefusedException {
    long size = 0;
    for (Target target : message.getTargetsList()) {
      long row = (long) AROUND_A_SUBJECT + target.getIdBytes().size();
      for (WatchSubject watch : target.getWatchesList()) {
        size += row + watch.getOwner().getSerializedSize() + paths(watch.getPathsList());
      }
      for (GuardSubject guard : target.getGuardsList()) {
        size +=
            row
                + guard.getOwner().getSerializedSize()
                + paths(guard.getAllowList())
                + paths(guard.getDenyList());
      }
    }
    int allowed = MAX_REPORT_BYTES - ROOM_FOR_REASONS;
    if (size > allowed) {
      throw new SnapshotRefusedException(
          "snapshot",
          "the report on its paths would take "
              + size
              + " bytes, which are more than the "
              + allowed
              + " allowed");
    }
  }

  private static long paths(List<String> paths) {
    long size = 0;
    for (String path : paths) {
      size += (long) AROUND_A_PATH + CodedOutputStream.computeStringSizeNoTag(path);
    }
    return size;
  }

  private static Target target(NodeSnapshot.Target target) {
    Target.Builder message =
        Target.newBuilder()
            .setId(target.id())
            .setNamespace(target.namespace())
            .setPod(target.pod())
            .setPodUid(target.podUid())
            .setContainer(target.container())
            .addAllLabels(entries(target.labels()));
    target.watches().forEach(w -> message.addWatches(watch(w)));
    target.guards().forEach(g -> message.addGuards(guard(g)));
    return message.build();
  }

  private static WatchSubject watch(NodeSnapshot.WatchSubject watch) {
    WatchSubject.Builder message =
        WatchSubject.newBuilder()
            .setOwner(owner(watch.owner()))
            .setLogFormat(watch.logFormat())
            .addAllTags(entries(watch.tags()))
            .addAllPaths(watch.paths())
            .addAllIgnore(watch.ignore())
            .setOnlyDir(watch.onlyDir())
            .setRecursive(watch.recursive())
            .setMaxDepth(watch.maxDepth())
            .setFollowMove(watch.followMove());
    sorted(watch.events()).forEach(e -> message.addEvents(change(e)));
    return message.build();
  }

  private static GuardSubject guard(NodeSnapshot.GuardSubject guard) {
    GuardSubject.Builder message =
        GuardSubject.newBuilder()
            .setOwner(owner(guard.owner()))
            .setLogFormat(guard.logFormat())
            .addAllTags(entries(guard.tags()))
            .addAllAllow(guard.allow())
            .addAllDeny(guard.deny())
            .addAllLeftOut(guard.leftOut())
            .addAllIgnore(guard.ignore())
            .setOnlyDir(guard.onlyDir())
            .setRecursive(guard.recursive())
            .setMaxDepth(guard.maxDepth())
            .setWholeMount(guard.wholeMount())
            .setAutoAllowOwner(guard.autoAllowOwner())
            .setAudit(guard.audit())
            .setObserve(guard.observe())
            .setReportAll(guard.reportAll())
            .addAllExecutables(guard.executables())
            .addAllUids(guard.uids());
    sorted(guard.events()).forEach(e -> message.addEvents(permission(e)));
    return message.build();
  }

  /** Sorted: the order of an immutable map differs from run to run. */
  private static List<Entry> entries(Map<String, String> map) {
    List<Entry> entries = new ArrayList<>();
    new TreeMap<>(map)
        .forEach(
            (key, value) -> entries.add(Entry.newBuilder().setKey(key).setValue(value).build()));
    return entries;
  }

  private static Owner owner(NodeSnapshot.Owner owner) {
    return Owner.newBuilder()
        .setKind(owner.kind())
        .setNamespace(owner.namespace())
        .setName(owner.name())
        .setIndex(owner.index())
        .build();
  }

  private static <E extends Enum<E>> Collection<E> sorted(Collection<E> set) {
    return set.stream().sorted().toList();
  }

  private static Change change(WatchEvents.Change change) {
    return switch (change) {
      case ACCESS -> Change.CHANGE_ACCESS;
      case ATTRIB -> Change.CHANGE_ATTRIB;
      case CLOSE_WRITE -> Change.CHANGE_CLOSE_WRITE;
      case CLOSE_NOWRITE -> Change.CHANGE_CLOSE_NOWRITE;
      case CREATE -> Change.CHANGE_CREATE;
      case DELETE -> Change.CHANGE_DELETE;
      case DELETE_SELF -> Change.CHANGE_DELETE_SELF;
      case MODIFY -> Change.CHANGE_MODIFY;
      case MOVE_SELF -> Change.CHANGE_MOVE_SELF;
      case MOVED_FROM -> Change.CHANGE_MOVED_FROM;
      case MOVED_TO -> Change.CHANGE_MOVED_TO;
      case OPEN -> Change.CHANGE_OPEN;
    };
  }

  private static Permission permission(NodeSnapshot.Permission permission) {
    return switch (permission) {
      case OPEN_PERM -> Permission.PERMISSION_OPEN_PERM;
      case ACCESS_PERM -> Permission.PERMISSION_ACCESS_PERM;
      case OPEN_EXEC_PERM -> Permission.PERMISSION_OPEN_EXEC_PERM;
    };
  }
}
