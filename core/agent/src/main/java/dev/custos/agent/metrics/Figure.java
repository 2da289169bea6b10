package dev.custos.agent.metrics;

import java.util.List;

/** Every metric: its name, what it means, and which labels it has. */
enum Figure {
  BUILD(Kind.INFO, "custos_build", "Which agent this is.", "version", "java"),
  START(
      Kind.GAUGE,
      "custos_start_time_seconds",
      "When this run of the agent began, in seconds since 1970."),
  READY(
      Kind.GAUGE,
      "custos_ready",
      "1 once everything that is asked for was set up, 0 before and while the agent stops."),
  EVENTS(
      Kind.COUNTER,
      "custos_events",
      "Events that a backend told of, by what they tell.",
      "backend",
      "event"),
  EVENTS_LOST(
      Kind.COUNTER,
      "custos_events_lost",
      "Events that a backend knows to be missing, where it knows how many.",
      "backend",
      "reason"),
  LOSSES(
      Kind.COUNTER,
      "custos_losses",
      "Times that a backend told of missing events, also where nobody knows how many.",
      "backend",
      "reason"),
  DECISIONS(
      Kind.COUNTER,
      "custos_guard_decisions",
      "Answers of guards that were reported, by the answer. Others are not counted: a guard that"
          + " reports denials alone counts no access that it allows.",
      "backend",
      "response"),
  PATHS(
      Kind.GAUGE,
      "custos_paths",
      "Paths that are asked for, by how they stand: active, pending, failed.",
      "backend",
      "state"),
  TARGETS(Kind.GAUGE, "custos_targets", "Hosts and containers with paths.", "backend"),
  KERNEL_OBJECTS(
      Kind.GAUGE,
      "custos_kernel_objects",
      "Kernel watches or marks that serve the paths, as of the last time they were set up.",
      "backend"),
  RESTARTS(
      Kind.COUNTER,
      "custos_backend_restarts",
      "Times that a backend died and was opened again.",
      "backend"),
  DIFFERENCES(
      Kind.COUNTER,
      "custos_backend_differences",
      "Comparisons that found other watches or marks in the kernel than there should be; the backend"
          + " is then opened again.",
      "backend"),
  TURN_AGE(
      Kind.GAUGE,
      "custos_reader_turn_age_seconds",
      "How long ago all readers of a backend were last seen to come round, in seconds; only where"
          + " files are guarded under the watchdog.",
      "backend"),
  PUBLISHED(
      Kind.COUNTER,
      "custos_pipeline_events",
      "Events that were numbered and offered to sinks, those about the agent itself among them."),
  RELOADS(
      Kind.COUNTER,
      "custos_config_reloads",
      "Times that the configuration was read again, by what came of it: taken, refused.",
      "result"),
  SINK_UP(
      Kind.GAUGE,
      "custos_sink_open",
      "1 while a sink takes events, 0 once it failed for good.",
      "sink"),
  SINK_FAILING(
      Kind.GAUGE,
      "custos_sink_failing",
      "1 while the last write to a sink failed and is tried again, else 0.",
      "sink"),
  SINK_OFFERED(
      Kind.COUNTER,
      "custos_sink_events_offered",
      "Events that a sink was to get: those that its match let pass.",
      "sink"),
  SINK_WRITTEN(Kind.COUNTER, "custos_sink_events_written", "Events that a sink accepted.", "sink"),
  SINK_LOST(
      Kind.COUNTER,
      "custos_sink_events_lost",
      "Events that never reached a sink; each is also told by a LOST event.",
      "sink"),
  SINK_RETRIED(
      Kind.COUNTER,
      "custos_sink_events_retried",
      "Events that were offered to a sink again; one may count several times.",
      "sink"),
  SINK_REJECTED(
      Kind.COUNTER,
      "custos_sink_events_rejected",
      "Events that a sink's receiver refused for good.",
      "sink"),
  SINK_DEAD_LETTERED(
      Kind.COUNTER,
      "custos_sink_events_dead_lettered",
      "Events that were refused for good and that the sink has put into its dead-letter file.",
      "sink"),
  SINK_QUEUED(
      Kind.GAUGE,
      "custos_sink_queue_events",
      "Events that wait for a sink, in memory and in its spool.",
      "sink"),
  SINK_OLDEST(
      Kind.GAUGE,
      "custos_sink_oldest_event_seconds",
      "How old the oldest event that waits for a sink is at most, 0 if none waits, in seconds.",
      "sink"),
  SINK_SPOOL(
      Kind.GAUGE, "custos_sink_spool_bytes", "What a sink's spool takes of the disk.", "sink"),
  SINK_SPOOL_FAILING(
      Kind.GAUGE,
      "custos_sink_spool_failing",
      "1 while the disk refuses a sink's spool, so that events wait in memory.",
      "sink"),
  SINK_WRITES(
      Kind.COUNTER, "custos_sink_writes", "Batches that a sink was given to write.", "sink"),
  SINK_WRITE_TIME(
      Kind.COUNTER,
      "custos_sink_write_seconds",
      "How long a sink took for them, in all, in seconds.",
      "sink"),
  RESIDENT(
      Kind.GAUGE,
      "process_resident_memory_bytes",
      "Memory of the process that is in RAM, in bytes."),
  CPU(
      Kind.COUNTER,
      "process_cpu_seconds",
      "CPU time that the process has used, in user and kernel mode, in seconds."),
  OPEN_FDS(Kind.GAUGE, "process_open_fds", "File descriptors that the process has open.");

  /** What a metric's figures are like. */
  enum Kind {
    /** Only grows during a run; the name that is shown ends in {@code _total}. */
    COUNTER,
    GAUGE,
    /** Always 1; the labels are what matters. The name that is shown ends in {@code _info}. */
    INFO
  }

  private final Kind kind;
  private final String base;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> labels;

  Figure(Kind kind, String base, String help, String... labels) {
    this.kind = kind;
    this.base = base;
    this.help = help;
    this.labels = List.of(labels);
  }

  Kind kind() {
    return kind;
  }

  /** The name without what its kind adds to it. */
  String base() {
    return base;
  }

  /** The name as it is shown. */
  String shownName() {
    return switch (kind) {
      case COUNTER -> base + "_total";
      case GAUGE -> base;
      case INFO -> base + "_info";
    };
  }

  String help() {
    return help;
  }

  /** The names of its labels. */
  List<String> labels() {
    return labels;
  }
}
