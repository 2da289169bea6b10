package dev.custos.controller.status;

import dev.custos.controller.crd.Condition;
import dev.custos.controller.crd.Coverage;
import dev.custos.controller.snapshot.DesiredResource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is said of a resource, in words. Pure. */
final class Conditions {
  private static final Set<String> OURS =
      Set.of(Condition.ACCEPTED, Condition.READY, Condition.DEGRADED);
  private static final int NODES_NAMED = 3;

  /** A condition without its time. */
  private record Claim(String type, boolean holds, String reason, String message) {}

  private final DesiredResource resource;
  private final Assessment assessment;

  private Conditions(DesiredResource resource, Assessment assessment) {
    this.resource = resource;
    this.assessment = assessment;
  }

  /**
   * The conditions now.
   *
   * @param previous those in force. One whose status stays keeps its time; others' are left as they
   *     are.
   */
  static List<Condition> of(
      DesiredResource resource, Assessment assessment, List<Condition> previous, Instant now) {
    Conditions conditions = new Conditions(resource, assessment);
    List<Condition> all = new ArrayList<>();
    for (Claim claim : List.of(conditions.accepted(), conditions.ready(), conditions.degraded())) {
      all.add(dated(claim, resource.generation(), previous, now));
    }
    previous.stream().filter(c -> !OURS.contains(c.type())).forEach(all::add);
    return all;
  }

  static Optional<Condition> find(Collection<Condition> conditions, String type) {
    return conditions.stream().filter(c -> type.equals(c.type())).findFirst();
  }

  private static Condition dated(
      Claim claim, long generation, List<Condition> previous, Instant now) {
    String status = claim.holds() ? Condition.TRUE : Condition.FALSE;
    String since =
        find(previous, claim.type())
            .filter(c -> status.equals(c.status()))
            .map(Condition::lastTransitionTime)
            .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
    return new Condition(
        claim.type(),
        status,
        generation,
        since,
        claim.reason(),
        Texts.bounded(claim.message(), Texts.LONGEST_MESSAGE));
  }

  private Claim accepted() {
    if (!resource.fault().isEmpty()) {
      return new Claim(Condition.ACCEPTED, false, "InvalidSpec", resource.fault());
    }
    List<String> leftOut = AskedPaths.leftOut(resource.manifest());
    if (!leftOut.isEmpty()) {
      return new Claim(
          Condition.ACCEPTED,
          true,
          "EventsLeftOut",
          "left out, because the kernel has no permission event for it: "
              + String.join("; ", leftOut));
    }
    return new Claim(Condition.ACCEPTED, true, "Valid", "the spec can be carried out");
  }

  private Claim ready() {
    Coverage coverage = assessment.coverage();
    if (!resource.fault().isEmpty()) {
      return new Claim(
          Condition.READY, false, "NotAccepted", "nothing is carried out: " + resource.fault());
    }
    if (assessment.observable() == 0) {
      return new Claim(
          Condition.READY, true, "NoPods", "the selector matches no pod, so nothing is asked for");
    }
    if (coverage.requested() == 0) {
      return new Claim(
          Condition.READY,
          true,
          "NoContainers",
          Texts.count(assessment.observable(), "pod")
              + " matched, and no container runs yet, so nothing is asked for");
    }
    if (coverage.active() == coverage.requested()) {
      return new Claim(
          Condition.READY,
          true,
          "AllActive",
          Texts.count(coverage.active(), "path")
              + " active in "
              + Texts.count(assessment.served().size(), "pod"));
    }
    return new Claim(
        Condition.READY,
        false,
        coverage.failed() > 0 ? "PathsFailed" : "PathsPending",
        notActive(coverage));
  }

  private Claim degraded() {
    Coverage coverage = assessment.coverage();
    if (!resource.fault().isEmpty()) {
      return new Claim(
          Condition.DEGRADED, true, "InvalidSpec", "nothing is carried out: " + resource.fault());
    }
    if (!assessment.faults().isEmpty()) {
      return new Claim(
          Condition.DEGRADED,
          true,
          assessment.faultKind().condition(),
          some(assessment.faults(), "; ", "node"));
    }
    if (coverage.failed() > 0) {
      return new Claim(Condition.DEGRADED, true, "PathsFailed", notActive(coverage));
    }
    if (!assessment.absent().isEmpty()) {
      return new Claim(
          Condition.DEGRADED,
          true,
          "AgentNotConnected",
          "not connected is the agent of node " + some(assessment.absent(), ", ", "node"));
    }
    return new Claim(
        Condition.DEGRADED, false, "AsExpected", "nothing that is asked for has failed");
  }

  private static String notActive(Coverage coverage) {
    StringBuilder text = new StringBuilder();
    if (coverage.failed() > 0) {
      text.append(coverage.failed()).append(" failed");
    }
    if (coverage.pending() > 0) {
      text.append(text.isEmpty() ? "" : " and ").append(coverage.pending()).append(" pending");
    }
    text.append(" of ").append(Texts.count(coverage.requested(), "path"));
    Coverage.InactivePath first = coverage.notActive().get(0);
    return text.append("; first ")
        .append(first.path())
        .append(" in pod ")
        .append(first.pod())
        .append(", container ")
        .append(first.container())
        .append(": ")
        .append(first.reason())
        .toString();
  }

  private static String some(Collection<String> all, String separator, String noun) {
    List<String> named = all.stream().limit(NODES_NAMED).toList();
    String text = String.join(separator, named);
    int more = all.size() - named.size();
    return more == 0 ? text : text + separator + "and " + Texts.count(more, "more " + noun);
  }
}
