package dev.custos.controller.server;

import dev.custos.controller.metrics.EventTotal;
import dev.custos.controller.snapshot.ResourceKey;
import dev.custos.controller.status.AgentFacts;
import dev.custos.controller.status.AgentFacts.BackendFact;
import dev.custos.controller.status.KernelInspection;
import dev.custos.controller.status.PathStatus;
import dev.custos.controller.status.PathStatus.PathState;
import dev.custos.controller.status.ReportedSubject;
import dev.custos.protocol.v1.Backend;
import dev.custos.protocol.v1.BackendRole;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.EventCount;
import dev.custos.protocol.v1.EventCounts;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.Inspected;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.SubjectReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads agents' reports, which come from a machine that may have been taken over. */
final class Reports {
  private static final int LONGEST_TEXT = 1024;
  private static final int MOST_BACKENDS = 64;
  private static final int MOST_TOTALS = 50_000;
  private static final long MOST_EVENTS = 1L << 53;
  private static final int MOST_DIFFERENCES = 20;

  private Reports() {}

  /**
   * @throws IllegalArgumentException naming the field that can't be read; nothing of such a report
   *     is to be used
   */
  static List<ReportedSubject> read(List<SubjectReport> subjects) {
    List<ReportedSubject> read = new ArrayList<>(subjects.size());
    for (int i = 0; i < subjects.size(); i++) {
      SubjectReport subject = subjects.get(i);
      if (!subject.hasOwner()) {
        throw new IllegalArgumentException("subjects[" + i + "].owner: is missing");
      }
      Map<String, PathStatus> paths = new HashMap<>();
      for (int k = 0; k < subject.getPathsCount(); k++) {
        PathReport path = subject.getPaths(k);
        PathState state = state("subjects[" + i + "].paths[" + k + "]", path.getState());
        paths.put(path.getPath(), PathStatus.of(state, printable(path.getReason())));
      }
      read.add(
          new ReportedSubject(
              key(subject.getOwner()),
              subject.getOwner().getIndex(),
              subject.getTargetId(),
              paths));
    }
    return read;
  }

  /**
   * @throws IllegalArgumentException naming the field that can't be read, or can't be true
   */
  static List<EventTotal> totals(EventCounts message) {
    if (message.getCountsCount() > MOST_TOTALS) {
      throw new IllegalArgumentException(
          "counts: " + message.getCountsCount() + " entries are more than " + MOST_TOTALS);
    }
    List<EventTotal> totals = new ArrayList<>(message.getCountsCount());
    for (int i = 0; i < message.getCountsCount(); i++) {
      EventCount count = message.getCounts(i);
      if (!count.hasOwner()) {
        throw new IllegalArgumentException("counts[" + i + "].owner: is missing");
      }
      // Beyond this a total can't be shown exactly, and no agent lives to see it.
      if (count.getTotal() < 0 || count.getTotal() > MOST_EVENTS) {
        throw new IllegalArgumentException("counts[" + i + "].total: is too large");
      }
      totals.add(
          new EventTotal(
              key(count.getOwner()),
              count.getEvent(),
              count.getTotal(),
              Instant.ofEpochMilli(count.getLastMillis()),
              printable(count.getDetail())));
    }
    return totals;
  }

  /** What an agent says of itself. */
  static AgentFacts facts(Hello hello) {
    List<BackendFact> backends = new ArrayList<>();
    for (Backend backend : hello.getBackendsList()) {
      if (backends.size() < MOST_BACKENDS) {
        role(backend.getRole())
            .ifPresent(
                role ->
                    backends.add(
                        new BackendFact(
                            printable(backend.getName()),
                            role,
                            backend.getAvailable(),
                            printable(backend.getReason()))));
      }
    }
    return new AgentFacts(
        printable(hello.getRunId()),
        printable(hello.getAgentVersion()),
        printable(hello.getSnapshotVersion()),
        backends);
  }

  /** What an agent found in the kernel. */
  static KernelInspection inspection(Inspected inspected) {
    List<String> differences = inspected.getDifferencesList();
    return new KernelInspection(
        printable(inspected.getVersion()),
        printable(inspected.getDigest()),
        inspected.getExpected(),
        inspected.getFound(),
        differences.stream().limit(MOST_DIFFERENCES).map(Reports::printable).toList());
  }

  // A role that only a later version knows is of no use to this one.
  private static Optional<AgentFacts.Role> role(BackendRole role) {
    return switch (role) {
      case BACKEND_ROLE_WATCH -> Optional.of(AgentFacts.Role.WATCH);
      case BACKEND_ROLE_GUARD -> Optional.of(AgentFacts.Role.GUARD);
      case BACKEND_ROLE_SCAN -> Optional.of(AgentFacts.Role.SCAN);
      case BACKEND_ROLE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static PathState state(String at, CoverageState state) {
    return switch (state) {
      case COVERAGE_STATE_ACTIVE -> PathState.ACTIVE;
      case COVERAGE_STATE_PENDING -> PathState.PENDING;
      case COVERAGE_STATE_FAILED -> PathState.FAILED;
      case COVERAGE_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(at + ".state: is none that this version knows");
    };
  }

  private static ResourceKey key(Owner owner) {
    return new ResourceKey(owner.getKind(), owner.getNamespace(), owner.getName());
  }

  /** Fit for a log: bounded, and one line. */
  static String printable(String text) {
    String bounded = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text;
    return bounded.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }
}
