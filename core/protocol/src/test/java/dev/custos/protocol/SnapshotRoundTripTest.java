package dev.custos.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.manifest.WatchEvents;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.snapshot.NodeSnapshot;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SnapshotRoundTripTest {
  @Property(tries = 300)
  void whatWasEncodedAndSentIsDecodedAsItWas(@ForAll("snapshots") NodeSnapshot snapshot)
      throws Exception {
    byte[] sent = SnapshotCodec.encode(snapshot).toByteArray();
    assertThat(SnapshotCodec.decode(Snapshot.parseFrom(sent))).isEqualTo(snapshot);
  }

  @Property(tries = 100)
  void equalSnapshotsHaveEqualBytes(@ForAll("snapshots") NodeSnapshot snapshot) throws Exception {
    Snapshot message = SnapshotCodec.encode(snapshot);
    NodeSnapshot again = SnapshotCodec.decode(message);
    assertThat(SnapshotCodec.encode(again).toByteString()).isEqualTo(message.toByteString());
  }

  @Provide
  Arbitrary<NodeSnapshot> snapshots() {
    return Combinators.combine(
            name(), name(), targets().list().ofMaxSize(4).uniqueElements(NodeSnapshot.Target::id))
        .as(NodeSnapshot::new);
  }

  private static Arbitrary<NodeSnapshot.Target> targets() {
    return Combinators.combine(
            name(),
            text(),
            text(),
            text(),
            text(),
            texts(),
            watches().list().ofMaxSize(3),
            guards().list().ofMaxSize(3))
        .as(NodeSnapshot.Target::new);
  }

  private static Arbitrary<NodeSnapshot.Owner> owners() {
    return Combinators.combine(name(), text(), name(), Arbitraries.integers().greaterOrEqual(0))
        .as(NodeSnapshot.Owner::new);
  }

  private static Arbitrary<NodeSnapshot.WatchSubject> watches() {
    return Combinators.combine(
            owners(),
            text(),
            texts(),
            paths(),
            Arbitraries.of(WatchEvents.Change.class).set(),
            text().list().ofMaxSize(3),
            flags(3),
            depth())
        .as(
            (owner, format, tags, paths, events, ignore, flags, depth) ->
                new NodeSnapshot.WatchSubject(
                    owner,
                    format,
                    tags,
                    paths,
                    events,
                    ignore,
                    flags.get(0),
                    flags.get(1),
                    depth,
                    flags.get(2)));
  }

  private static Arbitrary<NodeSnapshot.GuardSubject> guards() {
    Arbitrary<List<String>> lists = text().list().ofMaxSize(3);
    return Combinators.combine(
            owners(),
            Combinators.combine(text(), texts(), paths(), paths()).as(Wish::new),
            Arbitraries.of(NodeSnapshot.Permission.class).set(),
            lists,
            lists,
            flags(7),
            depth(),
            Combinators.combine(paths(), Arbitraries.integers().list().ofMaxSize(3)).as(Who::new))
        .as(
            (owner, wish, events, leftOut, ignore, flags, depth, who) ->
                new NodeSnapshot.GuardSubject(
                    owner,
                    wish.format,
                    wish.tags,
                    wish.allow,
                    wish.deny,
                    events,
                    leftOut,
                    ignore,
                    flags.get(0),
                    flags.get(1),
                    depth,
                    flags.get(2),
                    flags.get(3),
                    flags.get(4),
                    flags.get(5),
                    flags.get(6),
                    who.executables,
                    who.uids));
  }

  private record Wish(
      String format, Map<String, String> tags, List<String> allow, List<String> deny) {}

  private record Who(List<String> executables, List<Integer> uids) {}

  private static Arbitrary<String> text() {
    // Whatever UTF-8 can carry: no lone surrogates, and NUL is refused.
    return Arbitraries.strings()
        .withCharRange('\u0001', '\ud7ff')
        .withCharRange('\ue000', '\ufffd')
        .ofMaxLength(8);
  }

  private static Arbitrary<String> name() {
    return text().filter(t -> !t.isEmpty());
  }

  private static Arbitrary<List<String>> paths() {
    return text().map(t -> "/" + t).list().ofMaxSize(4);
  }

  private static Arbitrary<Map<String, String>> texts() {
    return Arbitraries.maps(text(), text()).ofMaxSize(3);
  }

  private static Arbitrary<List<Boolean>> flags(int count) {
    return Arbitraries.of(true, false).list().ofSize(count);
  }

  private static Arbitrary<Integer> depth() {
    return Arbitraries.integers().greaterOrEqual(0);
  }
}
