package dev.custos.agent.link;

import dev.custos.agent.pipeline.OwnerCounts;
import dev.custos.agent.pipeline.OwnerCounts.Total;
import dev.custos.protocol.v1.EventCount;
import dev.custos.protocol.v1.EventCounts;
import dev.custos.protocol.v1.Owner;
import dev.custos.snapshot.NodeSnapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which totals of events the controller has not heard yet. Not thread-safe. */
final class CountReports {
  /** In one message; the rest goes with the next. */
  private static final int MOST_TOTALS = 10_000;

  private record Key(OwnerCounts.Owner owner, String event) {}

  private final OwnerCounts counts;
  private final Map<Key, Long> heard = new HashMap<>();

  CountReports(OwnerCounts counts) {
    this.counts = counts;
  }

  /** A new stream: whoever is at its other end may have heard nothing. */
  void begin() {
    heard.clear();
  }

  /**
   * What has grown since the last call; from now on it counts as heard.
   *
   * @param held the snapshot in force; resources that it does not hold are forgotten once their
   *     last totals were told. Null if there is none.
   */
  Optional<EventCounts> next(NodeSnapshot held) {
    EventCounts.Builder message = EventCounts.newBuilder();
    for (Total total : counts.totals()) {
      Key key = new Key(total.owner(), total.event());
      Long before = heard.get(key);
      // What stands in no namespace is no resource of the cluster, but the agent's own.
      if (total.owner().namespace().isEmpty() || (before != null && before == total.total())) {
        continue;
      }
      if (message.getCountsCount() == MOST_TOTALS) {
        return Optional.of(message.build());
      }
      heard.put(key, total.total());
      message.addCounts(
          EventCount.newBuilder()
              .setOwner(
                  Owner.newBuilder()
                      .setKind(total.owner().kind())
                      .setNamespace(total.owner().namespace())
                      .setName(total.owner().name()))
              .setEvent(total.event())
              .setTotal(total.total())
              .setLastMillis(total.last().toEpochMilli())
              .setDetail(PathRows.bounded(total.detail())));
    }
    if (message.getCountsCount() > 0) {
      return Optional.of(message.build());
    }
    if (held != null && !heard.isEmpty()) {
      forgetAllBut(owners(held));
    }
    return Optional.empty();
  }

  private void forgetAllBut(Set<OwnerCounts.Owner> asked) {
    if (heard.keySet().removeIf(key -> !asked.contains(key.owner()))) {
      counts.retain(asked::contains);
    }
  }

  private static Set<OwnerCounts.Owner> owners(NodeSnapshot snapshot) {
    Set<OwnerCounts.Owner> owners = new HashSet<>();
    for (NodeSnapshot.Target target : snapshot.targets()) {
      target.watches().forEach(watch -> owners.add(owner(watch.owner())));
      target.guards().forEach(guard -> owners.add(owner(guard.owner())));
    }
    return owners;
  }

  private static OwnerCounts.Owner owner(NodeSnapshot.Owner owner) {
    return new OwnerCounts.Owner(owner.kind(), owner.namespace(), owner.name());
  }
}
