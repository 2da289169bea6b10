package dev.custos.agent.cli;

import com.typesafe.config.Config;
import dev.custos.format.SafeText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An agent's status as lines for a human. */
final class StatusText {
  /** How many paths that are not active are shown for each backend. */
  private static final int SHOWN_PATHS = 10;

  private final Config status;
  private final List<String> lines = new ArrayList<>();

  private StatusText(Config status) {
    this.status = status;
  }

  /**
   * Makes the lines.
   *
   * @throws com.typesafe.config.ConfigException if it is not what an agent answers
   */
  static List<String> of(Config status) {
    StatusText text = new StatusText(status);
    text.agent();
    for (Config backend : status.getConfigList("backends")) {
      text.backend(backend);
    }
    for (Config sink : status.getConfigList("sinks")) {
      text.sink(sink);
    }
    for (String problem : status.getStringList("problems")) {
      text.add("problem: " + problem);
    }
    return text.lines;
  }

  private void add(String line) {
    lines.add(SafeText.escape(line));
  }

  private void agent() {
    add(
        "custos "
            + status.getString("version")
            + " on "
            + status.getString("node")
            + ", up "
            + duration(status.getLong("uptimeSeconds"))
            + ", "
            + (status.getBoolean("ready") ? "ready" : "not ready")
            + ", "
            + (status.getBoolean("healthy") ? "healthy" : "not healthy")
            + ", "
            + status.getLong("published")
            + " events");
  }

  private void backend(Config backend) {
    List<? extends Config> targets = backend.getConfigList("targets");
    if (targets.isEmpty()) {
      return;
    }
    long active = 0;
    long pending = 0;
    long failed = 0;
    for (Config target : targets) {
      active += target.getLong("active");
      pending += target.getLong("pending");
      failed += target.getLong("failed");
    }
    String role = backend.getString("role");
    add(
        role
            + " ("
            + backend.getString("name")
            + "): "
            + targets.size()
            + (targets.size() == 1 ? " target, " : " targets, ")
            + (active + pending + failed)
            + " paths: "
            + active
            + " active, "
            + pending
            + " pending, "
            + failed
            + " failed; "
            + backend.getLong("kernelObjects")
            + (role.equals("watch") ? " kernel watches" : " kernel marks")
            + restarts(backend));
    List<? extends Config> paths = backend.getConfigList("notActive");
    for (Config path : paths.subList(0, Math.min(SHOWN_PATHS, paths.size()))) {
      add(
          "  "
              + path.getString("state")
              + ": "
              + path.getString("path")
              + (path.getString("reason").isEmpty() ? "" : ": " + path.getString("reason"))
              + " ("
              + path.getString("subject")
              + ", target "
              + path.getString("target")
              + ")");
    }
    long more = pending + failed - Math.min(SHOWN_PATHS, paths.size());
    if (more > 0) {
      add("  and " + more + " more that are not active");
    }
  }

  private static String restarts(Config backend) {
    long restarts = backend.getLong("restarts");
    return restarts == 0 ? "" : "; died and was opened again " + restarts + " times";
  }

  private void sink(Config sink) {
    add(
        "sink "
            + sink.getString("name")
            + ": "
            + how(sink)
            + ", "
            + sink.getLong("written")
            + " written, "
            + sink.getLong("queued")
            + " queued, "
            + sink.getLong("retried")
            + " retried, "
            + sink.getLong("rejected")
            + " rejected, "
            + sink.getLong("lost")
            + " lost");
    if (sink.getLong("queued") > 0) {
      add("  the oldest waits for " + duration(sink.getLong("oldestSeconds")));
    }
    if (sink.hasPath("spoolBytes")) {
      String failing = sink.getBoolean("spoolFailing") ? ", can't be written now" : "";
      add("  spool: " + sink.getLong("spoolBytes") + " bytes" + failing);
    }
    if (!sink.getString("lastError").isEmpty()) {
      add("  last error: " + sink.getString("lastError"));
    }
  }

  private static String how(Config sink) {
    if (!sink.getBoolean("open")) {
      return "failed for good";
    }
    return sink.getBoolean("failing") ? "failing" : "open";
  }

  private static String duration(long seconds) {
    Duration time = Duration.ofSeconds(seconds);
    if (time.toDays() > 0) {
      return time.toDays() + " d " + time.toHoursPart() + " h";
    }
    if (time.toHours() > 0) {
      return time.toHours() + " h " + time.toMinutesPart() + " min";
    }
    return time.toMinutes() > 0
        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
        : time.toSeconds() + " s";
  }
}
