package dev.custos.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.custos.protocol.v1.Entry;
import dev.custos.protocol.v1.GuardSubject;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.protocol.v1.Target;
import dev.custos.protocol.v1.WatchSubject;
import dev.custos.snapshot.NodeSnapshot;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SnapshotCodecTest {
  private static final int FIELD_OF_A_LATER_VERSION = 900;

  @Test
  void anUnknownWatchEventRefusesTheWholeSnapshotAndIsNamed() {
    assertRefused(
        withWatch(w -> w.addEventsValue(4711)),
        "targets[0].watches[0].events[1]: 4711 is no event that this version knows");
  }

  @Test
  void anUnspecifiedGuardEventIsRefused() {
    assertRefused(
        withGuard(g -> g.addEventsValue(0)),
        "targets[0].guards[0].events[0]: 0 is no event that this version knows");
  }

  @Test
  void missingParts() {
    assertRefused(valid().clearVersion(), "version: is missing");
    assertRefused(valid().clearNode(), "node: is missing");
    assertRefused(withTarget(t -> t.clearId()), "targets[0].id: is missing");
    assertRefused(withWatch(w -> w.clearOwner()), "targets[0].watches[0].owner: is missing");
    assertRefused(
        withGuard(g -> g.getOwnerBuilder().clearName()),
        "targets[0].guards[0].owner.name: is missing");
  }

  @Test
  void valuesOfNoPossibleUse() {
    assertRefused(
        withWatch(w -> w.addPaths("etc/passwd")),
        "targets[0].watches[0].paths[1]: is not an absolute path");
    assertRefused(
        withGuard(g -> g.addDeny("")), "targets[0].guards[0].deny[0]: is not an absolute path");
    assertRefused(
        withWatch(w -> w.addPaths("/a\0b")),
        "targets[0].watches[0].paths[1]: holds a NUL character");
    assertRefused(
        withGuard(g -> g.setMaxDepth(-1)), "targets[0].guards[0].max_depth: -1 is negative");
    assertRefused(valid().addTargets(valid().getTargets(0)), "targets[1].id: is there twice");
  }

  @Test
  void everySizeIsBounded() {
    assertRefused(
        withWatch(w -> w.setLogFormat("x".repeat(SnapshotDecoder.MAX_TEXT + 1))),
        "targets[0].watches[0].log_format: 16385 characters are more than the 16384 allowed");
    Snapshot.Builder crowded = valid();
    for (int i = 0; i < SnapshotDecoder.MAX_TARGETS; i++) {
      crowded.addTargets(Target.newBuilder().setId("id" + i));
    }
    assertRefused(crowded, "targets: 10001 entries are more than the 10000 allowed");
    Snapshot.Builder huge = valid();
    String path = "/" + "x".repeat(4000);
    WatchSubject subject =
        valid().getTargets(0).getWatches(0).toBuilder()
            .addAllPaths(Collections.nCopies(9_000, path))
            .build();
    huge.getTargetsBuilder(0).addWatches(subject);
    assertThatThrownBy(() -> SnapshotCodec.decode(huge.build()))
        .isInstanceOf(SnapshotRefusedException.class)
        .hasMessageMatching("snapshot: \\d+ bytes are more than the 33554432 allowed");
  }

  @Test
  void aSnapshotThatEveryReceiverWouldRefuseIsNotEncoded() throws Exception {
    NodeSnapshot small = SnapshotCodec.decode(valid().build());
    NodeSnapshot.Target target = small.targets().get(0);
    NodeSnapshot.WatchSubject watch = target.watches().get(0);
    NodeSnapshot huge =
        new NodeSnapshot(
            "v",
            "n",
            List.of(
                new NodeSnapshot.Target(
                    target.id(),
                    target.namespace(),
                    target.pod(),
                    target.podUid(),
                    target.container(),
                    target.labels(),
                    List.of(
                        new NodeSnapshot.WatchSubject(
                            watch.owner(),
                            watch.logFormat(),
                            watch.tags(),
                            Collections.nCopies(9_000, "/" + "x".repeat(4000)),
                            watch.events(),
                            watch.ignore(),
                            false,
                            false,
                            0,
                            false)),
                    List.of())));
    assertThatThrownBy(() -> SnapshotCodec.encode(huge))
        .isInstanceOf(SnapshotRefusedException.class)
        .hasMessageContaining("bytes are more than");
  }

  @Test
  void fieldsOfALaterVersionArePassedOverAndSurviveBeingStored() throws Exception {
    UnknownFieldSet later =
        UnknownFieldSet.newBuilder()
            .addField(
                FIELD_OF_A_LATER_VERSION,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("news"))
                    .build())
            .build();
    Snapshot sent = withTarget(t -> t.setUnknownFields(later)).build();
    Snapshot stored = Snapshot.parseFrom(Snapshot.parseFrom(sent.toByteArray()).toByteArray());
    assertThat(stored.getTargets(0).getUnknownFields().asMap())
        .containsKey(FIELD_OF_A_LATER_VERSION);
    assertThat(SnapshotCodec.decode(stored)).isEqualTo(SnapshotCodec.decode(valid().build()));
  }

  @Test
  void ofTwoEntriesWithTheSameKeyTheLastCounts() throws Exception {
    Snapshot twice =
        withTarget(
                t ->
                    t.addLabels(Entry.newBuilder().setKey("app").setValue("old"))
                        .addLabels(Entry.newBuilder().setKey("tier").setValue("front"))
                        .addLabels(Entry.newBuilder().setKey("app").setValue("web")))
            .build();
    assertThat(SnapshotCodec.decode(twice).targets().get(0).labels())
        .isEqualTo(Map.of("app", "web", "tier", "front"));
  }

  private static Snapshot.Builder valid() {
    Owner owner = Owner.newBuilder().setKind("ArgusWatcher").setName("web").build();
    return Snapshot.newBuilder()
        .setVersion("v1")
        .setNode("node-1")
        .addTargets(
            Target.newBuilder()
                .setId("c1")
                .addWatches(
                    WatchSubject.newBuilder().setOwner(owner).addPaths("/etc").addEventsValue(8))
                .addGuards(GuardSubject.newBuilder().setOwner(owner).addAllow("/bin")));
  }

  private static Snapshot.Builder withTarget(Consumer<Target.Builder> change) {
    Snapshot.Builder snapshot = valid();
    change.accept(snapshot.getTargetsBuilder(0));
    return snapshot;
  }

  private static Snapshot.Builder withWatch(Consumer<WatchSubject.Builder> change) {
    return withTarget(t -> change.accept(t.getWatchesBuilder(0)));
  }

  private static Snapshot.Builder withGuard(Consumer<GuardSubject.Builder> change) {
    return withTarget(t -> change.accept(t.getGuardsBuilder(0)));
  }

  private static void assertRefused(Snapshot.Builder message, String reason) {
    assertThatThrownBy(() -> SnapshotCodec.decode(message.build()))
        .isInstanceOf(SnapshotRefusedException.class)
        .hasMessage(reason);
  }
}
