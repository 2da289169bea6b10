package dev.custos.agent.link;

import dev.custos.agent.desired.TargetStatus;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.v1.CoverageState;
import dev.custos.protocol.v1.Owner;
import dev.custos.protocol.v1.PathReport;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.spi.PathState;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How every path of a snapshot stands, and what of it the controller has not heard yet. */
final class PathRows {
  /** In characters; the rest of a longer reason helps nobody. */
  private static final int LONGEST_REASON = 512;

  /** In bytes, with room for what is wrapped around the rows. */
  private static final long LARGEST = SnapshotCodec.MAX_REPORT_BYTES - 1024;

  private static final int AROUND_A_REPORT = 6;
  private static final int AROUND_A_REASON = 8;
  private static final int BYTES_OF_A_CHARACTER = 3;

  private record Key(String target, Subject subject, FilePath path) {}

  private record Place(String target, Subject subject) {}

  private final Map<Key, PathState> rows = new LinkedHashMap<>();
  private final Map<Key, PathState> unsent = new LinkedHashMap<>();

  PathRows(List<TargetStatus> statuses) {
    for (TargetStatus status : statuses) {
      for (PathState state : status.paths()) {
        rows.put(new Key(status.target(), state.subject(), state.path()), state);
      }
    }
  }

  /** Takes over what has changed. Paths that the snapshot does not ask for are passed over. */
  void update(List<TargetStatus> statuses) {
    for (TargetStatus status : statuses) {
      for (PathState state : status.paths()) {
        Key key = new Key(status.target(), state.subject(), state.path());
        PathState before = rows.replace(key, state);
        if (before != null && !before.equals(state)) {
          unsent.put(key, state);
        }
      }
    }
  }

  /** All rows; from now on they count as heard. */
  List<SubjectReport> all() {
    unsent.clear();
    return fitting(rows);
  }

  /** The rows that the controller has not heard; from now on they count as heard. */
  List<SubjectReport> changes() {
    List<SubjectReport> changes = fitting(unsent);
    unsent.clear();
    return changes;
  }

  /** With reasons as long as they may be; the controller takes no message that is larger. */
  private static List<SubjectReport> fitting(Map<Key, PathState> rows) {
    List<SubjectReport> whole = reports(rows, LONGEST_REASON);
    if (size(whole) <= LARGEST) {
      return whole;
    }
    long room = LARGEST - size(reports(rows, 0));
    long each = (room / rows.size() - AROUND_A_REASON) / BYTES_OF_A_CHARACTER;
    return reports(rows, (int) Math.max(0, Math.min(LONGEST_REASON, each)));
  }

  private static long size(List<SubjectReport> reports) {
    return reports.stream().mapToLong(r -> r.getSerializedSize() + AROUND_A_REPORT).sum();
  }

  private static List<SubjectReport> reports(Map<Key, PathState> rows, int longestReason) {
    Map<Place, SubjectReport.Builder> bySubject = new LinkedHashMap<>();
    rows.forEach(
        (key, state) ->
            bySubject
                .computeIfAbsent(new Place(key.target(), key.subject()), PathRows::subject)
                .addPaths(path(state, longestReason)));
    List<SubjectReport> reports = new ArrayList<>(bySubject.size());
    bySubject.values().forEach(builder -> reports.add(builder.build()));
    return reports;
  }

  private static SubjectReport.Builder subject(Place place) {
    return SubjectReport.newBuilder()
        .setTargetId(place.target())
        .setOwner(
            Owner.newBuilder()
                .setKind(place.subject().kind())
                .setNamespace(place.subject().namespace())
                .setName(place.subject().name())
                .setIndex(place.subject().index()));
  }

  private static PathReport path(PathState state, int longestReason) {
    return PathReport.newBuilder()
        // Not escaped: the controller compares it with what the subject says.
        .setPath(state.path().text())
        .setState(
            switch (state.state()) {
              case ACTIVE -> CoverageState.COVERAGE_STATE_ACTIVE;
              case PENDING -> CoverageState.COVERAGE_STATE_PENDING;
              case FAILED -> CoverageState.COVERAGE_STATE_FAILED;
            })
        .setReason(bounded(state.reason(), longestReason))
        .build();
  }

  static String bounded(String reason) {
    return bounded(reason, LONGEST_REASON);
  }

  private static String bounded(String reason, int longest) {
    if (reason.length() <= longest) {
      return reason;
    }
    // Not within a character: half of one is no text, and could not be sent.
    boolean within = longest > 0 && Character.isHighSurrogate(reason.charAt(longest - 1));
    return reason.substring(0, within ? longest - 1 : longest);
  }
}
