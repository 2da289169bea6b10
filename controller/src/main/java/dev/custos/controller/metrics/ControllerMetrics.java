package dev.custos.controller.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Everything that is counted in a replica of the controller, for as long as it runs. What it only
 * knows while it leads is asked of {@link Live} at each reading.
 */
public final class ControllerMetrics {
  /** What is read off when somebody asks. */
  public interface Live {
    /** Whether this replica serves the agents. */
    boolean leads();

    int agents();

    /** Keys that wait for their turn, by the queue's name. */
    Map<String, Integer> queues();

    long streamsRefused();

    long rowsRefused();

    long inspections();

    long inspectionsDiffering();
  }

  private final Counter apiErrors = new Counter(2);
  private final Counter statusWrites = new Counter(1);
  private final Counter kubernetesEvents = new Counter(2);
  private final Counter kubernetesEventsDropped = new Counter(0);
  private final Counter snapshotsRefused = new Counter(1);
  private final Latency builds = new Latency();
  private final Latency acks = new Latency();
  private final EventTotals events;
  private final AckTimes ackTimes;
  private final String version;
  private volatile Supplier<Live> live = () -> null;

  /**
   * @param version the product's
   * @param nanos a clock that never goes back
   */
  public ControllerMetrics(String version, LongSupplier nanos) {
    this.version = version;
    this.events = new EventTotals(nanos);
    this.ackTimes = new AckTimes(acks, nanos);
  }

  /** By verb and status code; the code is {@code none} where no answer came. */
  public Counter apiErrors() {
    return apiErrors;
  }

  /** By what came of it: {@code written}, {@code conflict}, {@code failed}. */
  public Counter statusWrites() {
    return statusWrites;
  }

  /** Kubernetes events by their reason and what came of them: {@code sent}, {@code failed}. */
  public Counter kubernetesEvents() {
    return kubernetesEvents;
  }

  /** Kubernetes events that there was no room for. */
  public Counter kubernetesEventsDropped() {
    return kubernetesEventsDropped;
  }

  /** By who refused it: {@code agent}, {@code controller}. */
  public Counter snapshotsRefused() {
    return snapshotsRefused;
  }

  /** How long it takes to make a node's snapshot. */
  public Latency builds() {
    return builds;
  }

  /** How long agents take to answer their snapshot. */
  public AckTimes ackTimes() {
    return ackTimes;
  }

  /** What agents count. */
  public EventTotals events() {
    return events;
  }

  /** Whom to ask for what is not counted here; gives null as long as there is nobody. */
  public void live(Supplier<Live> source) {
    live = source;
  }

  String version() {
    return version;
  }

  /** Takes figures one family after the other. */
  interface Reader {
    void counter(String name, String help, List<String> labels, Map<List<String>, Double> values);

    void gauge(String name, String help, List<String> labels, Map<List<String>, Double> values);

    /** A series that is always 1; the name that is shown ends in {@code _info}. */
    void info(String name, String help, List<String> labels, List<String> values);

    void latency(String name, String help, Latency.Reading reading);
  }

  void read(Reader reader) {
    new Families(this, live.get(), reader).read();
  }

  Latency.Reading readBuilds() {
    return builds.read();
  }

  Latency.Reading readAcks() {
    return acks.read();
  }
}
