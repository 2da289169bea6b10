package dev.custos.controller.metrics;

import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.manifest.WatchEvents;
import dev.custos.snapshot.NodeSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The events of every resource on every node, as the agents count them. An agent tells totals of
 * its run, so that what is lost on the way or comes twice changes nothing; a new run begins at zero
 * again, and is counted on top of the last. Thread-safe.
 */
public final class EventTotals {
  /** Series that there may be in all: of resources, their nodes, and some of the events. */
  static final int MOST_SERIES = 100_000;

  /** For how long a node whose agent is gone is remembered: nodes' names come and go. */
  static final Duration REMEMBERED = Duration.ofHours(1);

  private static final Set<String> EVENTS =
      Stream.concat(
              Stream.of(EventTotal.LOST),
              Stream.concat(
                  Arrays.stream(WatchEvents.Change.values()).map(Enum::name),
                  Arrays.stream(NodeSnapshot.Permission.values()).map(Enum::name)))
          .collect(Collectors.toUnmodifiableSet());

  private record Place(String event, String node) {}

  private static final class Series {
    private String run;
    private long before;
    private long inRun;

    /** Takes over a total, and says by how much it grew. */
    long update(String runId, long total) {
      if (!runId.equals(run)) {
        before += inRun;
        inRun = 0;
        run = runId;
      }
      if (total < inRun) {
        // The agent had given the resource up meanwhile, and forgotten what it had counted.
        before += inRun;
        inRun = 0;
      }
      long grown = total - inRun;
      inRun = total;
      return grown;
    }

    long value() {
      return before + inRun;
    }
  }

  /** Events that are missing, told for the first time. */
  public record Loss(ResourceKey resource, String node, long times, String detail) {
    /** For humans. */
    public String description() {
      String last = detail.isEmpty() ? "" : (times == 1 ? ": " : ", last: ") + detail;
      return "on node " + node + (times == 1 ? "" : " " + times + " times") + last;
    }
  }

  private final LongSupplier nanos;
  private final Map<ResourceKey, Map<Place, Series>> resources = new HashMap<>();
  private final Map<String, Long> goneSince = new HashMap<>();
  // What was counted for resources that are deleted while another of the same kind and name, in
  // another namespace, is shown under the same labels: that series must not fall.
  private final Map<List<String>, Map<Place, Long>> deleted = new HashMap<>();
  private int seriesCount;
  private long refused;

  /**
   * @param nanos a clock that never goes back
   */
  public EventTotals(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Takes over what an agent counted.
   *
   * @param runId of the agent
   * @param asked whether a resource asks for anything on that node
   * @param since losses that are heard of for the first time are news only if they were after this
   * @return the losses among what is new
   */
  public synchronized List<Loss> update(
      String node,
      String runId,
      List<EventTotal> totals,
      Predicate<ResourceKey> asked,
      Instant since) {
    goneSince.remove(node);
    List<Loss> losses = new ArrayList<>();
    for (EventTotal total : totals) {
      Series series = series(node, total, asked);
      if (series == null) {
        refused++;
        continue;
      }
      boolean isFirst = series.run == null;
      long grown = series.update(runId, total.total());
      boolean isNews = grown > 0 && (!isFirst || total.last().isAfter(since));
      if (isNews && total.event().equals(EventTotal.LOST)) {
        losses.add(new Loss(total.resource(), node, grown, total.detail()));
      }
    }
    return losses;
  }

  /** Null if nobody asked for it, or there is no room. */
  private Series series(String node, EventTotal total, Predicate<ResourceKey> asked) {
    if (!EVENTS.contains(total.event()) || total.total() < 0) {
      return null;
    }
    Place place = new Place(total.event(), node);
    Map<Place, Series> known = resources.get(total.resource());
    Series series = known == null ? null : known.get(place);
    if (series != null) {
      return series;
    }
    if (seriesCount >= MOST_SERIES || !asked.test(total.resource())) {
      return null;
    }
    seriesCount++;
    Series fresh = new Series();
    resources.computeIfAbsent(total.resource(), r -> new HashMap<>()).put(place, fresh);
    return fresh;
  }

  /** The resource is deleted, and so are its series. */
  public synchronized void removed(ResourceKey resource) {
    Map<Place, Series> gone = resources.remove(resource);
    if (gone == null) {
      return;
    }
    seriesCount -= gone.size();
    List<String> shown = shown(resource);
    if (resources.keySet().stream().anyMatch(other -> shown(other).equals(shown))) {
      Map<Place, Long> kept = deleted.computeIfAbsent(shown, s -> new HashMap<>());
      gone.forEach((place, series) -> kept.merge(place, series.value(), Long::sum));
    } else {
      deleted.remove(shown);
    }
  }

  /** The node's agent is gone, maybe for good. */
  public synchronized void gone(String node) {
    long now = nanos.getAsLong();
    goneSince.put(node, now);
    Set<String> forgotten =
        goneSince.entrySet().stream()
            .filter(n -> now - n.getValue() > REMEMBERED.toNanos())
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    if (!forgotten.isEmpty()) {
      goneSince.keySet().removeAll(forgotten);
      Iterator<Map<Place, Series>> all = resources.values().iterator();
      while (all.hasNext()) {
        Map<Place, Series> places = all.next();
        int before = places.size();
        places.keySet().removeIf(place -> forgotten.contains(place.node()));
        seriesCount -= before - places.size();
        if (places.isEmpty()) {
          all.remove();
        }
      }
    }
  }

  /** Forgets everything; this replica leads no more, and another counts. */
  public synchronized void clear() {
    resources.clear();
    deleted.clear();
    goneSince.clear();
    seriesCount = 0;
  }

  /** Totals that nobody asked for, or that there was no room for. */
  synchronized long refused() {
    return refused;
  }

  /** The series of a kind: the resource's name, the event in lower case, the node. */
  synchronized Map<List<String>, Double> read(String kind) {
    Map<List<String>, Double> values = new TreeMap<>(LabelOrder.INSTANCE);
    resources.forEach(
        (resource, places) -> {
          if (resource.kind().equals(kind)) {
            places.forEach(
                (place, series) ->
                    values.merge(
                        labels(resource.name(), place), (double) series.value(), Double::sum));
          }
        });
    deleted.forEach(
        (shown, places) -> {
          if (shown.get(0).equals(kind)) {
            places.forEach(
                (place, value) ->
                    values.computeIfPresent(labels(shown.get(1), place), (l, v) -> v + value));
          }
        });
    return values;
  }

  private static List<String> shown(ResourceKey resource) {
    return List.of(resource.kind(), resource.name());
  }

  private static List<String> labels(String name, Place place) {
    return List.of(name, place.event().toLowerCase(Locale.ROOT), place.node());
  }
}
