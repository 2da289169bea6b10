package dev.custos.controller.metrics;

import dev.custos.controller.metrics.ControllerMetrics.Live;
import dev.custos.controller.metrics.ControllerMetrics.Reader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Every metric: its name, what it means, and which labels it has. Counters end in _total. */
final class Families {
  private final ControllerMetrics metrics;
  private final Live live; // null where there is nobody to ask
  private final Reader to;

  Families(ControllerMetrics metrics, Live live, Reader to) {
    this.metrics = metrics;
    this.live = live;
    this.to = to;
  }

  void read() {
    events();
    agents();
    snapshots();
    work();
    process();
  }

  private void events() {
    events("argus_events", "ArgusWatcher", "arguswatcher");
    events("fim_events", "FimWatcher", "fimwatcher");
    events("janus_events", "JanusGuard", "janusguard");
    counter(
        "custos_event_totals_refused",
        "Totals of events that an agent told of and that are not shown, because no resource there"
            + " asks for them, or there are too many series.",
        metrics.events().refused());
  }

  private void events(String name, String kind, String label) {
    to.counter(
        name,
        "Events of each " + kind + " as the agents counted them, by the event and the node.",
        List.of(label, "event", "nodename"),
        metrics.events().read(kind));
  }

  private void agents() {
    gauge(
        "custos_leader",
        "1 while this replica serves the agents, else 0.",
        live != null && live.leads() ? 1 : 0);
    gauge(
        "custos_agents_connected", "Agents with an open stream.", live == null ? 0 : live.agents());
    counter(
        "custos_agent_streams_refused",
        "Streams that were ended because of who opened them or what they said.",
        live == null ? 0 : live.streamsRefused());
    counter(
        "custos_agent_rows_refused",
        "Rows of agents' reports about what their node was not asked for.",
        live == null ? 0 : live.rowsRefused());
    counter(
        "custos_comparisons",
        "Times that an agent compared the kernel with its plans.",
        live == null ? 0 : live.inspections());
    counter(
        "custos_comparisons_differing",
        "Those of them that found a difference, which the agent then put right.",
        live == null ? 0 : live.inspectionsDiffering());
  }

  private void snapshots() {
    to.latency(
        "custos_snapshot_build_seconds",
        "How long it took to make a node's snapshot, in seconds.",
        metrics.readBuilds());
    to.latency(
        "custos_snapshot_ack_seconds",
        "From when a snapshot was ready for an agent until its answer, in seconds.",
        metrics.readAcks());
    to.counter(
        "custos_snapshots_refused",
        "Snapshots that did not come into force, by who refused them: agent; or controller, because"
            + " they were too large to send.",
        List.of("by"),
        metrics.snapshotsRefused().read());
  }

  private void work() {
    Map<List<String>, Double> queues = new TreeMap<>(LabelOrder.INSTANCE);
    if (live != null) {
      live.queues().forEach((name, depth) -> queues.put(List.of(name), (double) depth));
    }
    to.gauge(
        "custos_queue_depth",
        "Nodes, resources and events that wait for their turn, by the queue.",
        List.of("queue"),
        queues);
    to.counter(
        "custos_api_errors",
        "Requests that the API server refused, by verb and HTTP status; code none is without an"
            + " answer.",
        List.of("verb", "code"),
        metrics.apiErrors().read());
    to.counter(
        "custos_status_writes",
        "Statuses written, by what came of it: written; conflict, which is tried again; failed,"
            + " which is tried again later.",
        List.of("result"),
        metrics.statusWrites().read());
    to.counter(
        "custos_kubernetes_events",
        "Kubernetes events told, by reason and by what came of it: sent; failed, after which it is"
            + " tried again a few times.",
        List.of("reason", "result"),
        metrics.kubernetesEvents().read());
    to.counter(
        "custos_kubernetes_events_dropped",
        "Kubernetes events given up: too many waited, or the API server took them at no attempt.",
        List.of(),
        metrics.kubernetesEventsDropped().read());
  }

  private void process() {
    to.info(
        "custos_controller_build",
        "Which controller this is.",
        List.of("version", "java"),
        List.of(metrics.version(), Runtime.version().toString()));
    Runtime runtime = Runtime.getRuntime();
    gauge(
        "custos_heap_used_bytes",
        "Java heap in use, in bytes.",
        runtime.totalMemory() - runtime.freeMemory());
    gauge(
        "custos_heap_max_bytes", "What the Java heap may grow to, in bytes.", runtime.maxMemory());
  }

  private void gauge(String name, String help, long value) {
    to.gauge(name, help, List.of(), Map.of(List.of(), (double) value));
  }

  private void counter(String name, String help, long value) {
    to.counter(name, help, List.of(), Map.of(List.of(), (double) value));
  }
}
