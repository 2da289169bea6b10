package dev.custos.agent.pipeline;

import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Numbers events and puts them into the queue of each sink. Publishing takes one lock for all
 * events of a call, allocates nothing and never waits for a sink.
 */
public final class EventPipeline implements EventPublisher, AutoCloseable {
  /** How long a sink that is not wanted any more may write what it has. */
  private static final long RETIRE_NANOS = Duration.ofSeconds(5).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private final String runId = newRunId();
  private final Origin agent;
  private final LineFormats formats;
  private final PipelineListener listener;
  private final Clock clock;
  private final WriteSupervisor supervisor;
  // Guarded by the lock; lanes are replaced whole, so that readers need none.
  private volatile SinkLane[] lanes = new SinkLane[0];
  private long sequence;
  private boolean closed;

  /**
   * Makes a pipeline without sinks.
   *
   * @param agent where events about the pipeline itself come from
   */
  public EventPipeline(Origin agent, LineFormats formats, PipelineListener listener, Clock clock) {
    this.agent = agent;
    this.formats = formats;
    this.listener = listener;
    this.clock = clock;
    this.supervisor = new WriteSupervisor();
  }

  /** A UUID that stands for this run beside each sequence number. */
  public String runId() {
    return runId;
  }

  /** Starts to bring events to a sink; it gets those that are published from now on. */
  public void addSink(String name, Sink sink, SinkOpener opener, SinkPolicy policy) {
    add(new SinkSpec(name, sink, opener, policy, EventMatch.ALL), sink);
  }

  private void add(SinkSpec spec, Sink sink) {
    SinkLane lane = new SinkLane(this, spec, agent);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the pipeline is closed");
      }
      SinkLane[] more = java.util.Arrays.copyOf(lanes, lanes.length + 1);
      more[lanes.length] = lane;
      lanes = more;
    } finally {
      lock.unlock();
    }
    lane.start(sink);
    supervisor.watch(lane);
  }

  /**
   * Makes the sinks those of {@code specs}, all or nothing. One that is there as specified keeps
   * its connection and its queue; one that changed is opened anew; one that is not named any more
   * writes what it has, within a deadline, and is closed. Calls must not overlap.
   *
   * @throws SinkOpenException if a sink can't be had; then nothing has changed
   */
  public SinkChanges reconfigure(List<SinkSpec> specs) throws SinkOpenException {
    List<String> added = new ArrayList<>();
    List<String> changed = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    Map<String, SinkLane> before = new LinkedHashMap<>();
    for (SinkLane lane : lanes) {
      before.put(lane.name(), lane);
    }
    Map<SinkSpec, Sink> opened = new LinkedHashMap<>();
    List<SinkLane> after = new ArrayList<>();
    for (SinkSpec spec : specs) {
      SinkLane old = before.get(spec.name());
      if (old != null && old.spec().isSameAs(spec)) {
        kept.add(spec.name());
        after.add(before.remove(spec.name()));
      } else {
        (old == null ? added : changed).add(spec.name());
        opened.put(spec, open(spec, opened.values()));
      }
    }
    List<SinkLane> fresh = new ArrayList<>();
    for (SinkSpec spec : opened.keySet()) {
      fresh.add(new SinkLane(this, spec, agent));
    }
    after.addAll(fresh);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the pipeline is closed");
      }
      lanes = after.toArray(new SinkLane[0]);
      for (SinkLane lane : before.values()) {
        lane.finish();
      }
    } finally {
      lock.unlock();
    }
    for (SinkLane lane : fresh) {
      lane.start(opened.get(lane.spec()));
      supervisor.watch(lane);
    }
    for (SinkLane lane : before.values()) {
      retire(lane);
    }
    List<String> removed = new ArrayList<>(before.keySet());
    removed.removeAll(changed);
    return new SinkChanges(added, changed, removed, kept);
  }

  private static Sink open(SinkSpec spec, Collection<Sink> others) throws SinkOpenException {
    try {
      return spec.opener().open();
    } catch (SinkException | RuntimeException | LinkageError e) {
      for (Sink other : others) {
        other.close();
      }
      String reason = e instanceof SinkException ? e.getMessage() : e.toString();
      throw new SinkOpenException(spec.name(), reason, e);
    }
  }

  /** Has a sink write the rest, without anybody waiting for it. */
  private void retire(SinkLane lane) {
    Thread thread =
        new Thread(
            () -> {
              lane.awaitEnd(System.nanoTime() + RETIRE_NANOS);
              supervisor.forget(lane);
            },
            "custos-sink-end-" + lane.name());
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void publish(IntegrityEvent event) {
    SinkLane[] to;
    lock.lock();
    try {
      to = lanes;
      long number = ++sequence;
      for (SinkLane lane : to) {
        lane.offer(event, number);
      }
    } finally {
      lock.unlock();
    }
    for (SinkLane lane : to) {
      lane.wake();
    }
  }

  @Override
  public void publishAll(List<? extends IntegrityEvent> events) {
    int count = events.size();
    if (count == 0) {
      return;
    }
    SinkLane[] to;
    lock.lock();
    try {
      to = lanes;
      for (int i = 0; i < count; i++) {
        IntegrityEvent event = events.get(i);
        long number = ++sequence;
        for (SinkLane lane : to) {
          lane.offer(event, number);
        }
      }
    } finally {
      lock.unlock();
    }
    for (SinkLane lane : to) {
      lane.wake();
    }
  }

  /** How many events were published so far. */
  public long published() {
    lock.lock();
    try {
      return sequence;
    } finally {
      lock.unlock();
    }
  }

  /** How each sink stands now. */
  public List<SinkStatus> sinks() {
    List<SinkStatus> all = new ArrayList<>();
    lock.lock();
    try {
      for (SinkLane lane : lanes) {
        all.add(lane.status());
      }
    } finally {
      lock.unlock();
    }
    return all;
  }

  /** Whether any sink still takes events. */
  public boolean hasOpenSink() {
    for (SinkStatus sink : sinks()) {
      if (sink.open()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Has the sinks write what was published so far, and closes them. What a sink could not write
   * within the deadline is lost and shows in its status.
   */
  public void close(Duration deadline) {
    SinkLane[] all;
    lock.lock();
    try {
      closed = true;
      all = lanes;
      for (SinkLane lane : all) {
        lane.finish();
      }
    } finally {
      lock.unlock();
    }
    long until = System.nanoTime() + deadline.toNanos();
    for (SinkLane lane : all) {
      lane.awaitEnd(until);
    }
    supervisor.close();
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }

  ReentrantLock lock() {
    return lock;
  }

  LineFormats formats() {
    return formats;
  }

  PipelineListener listener() {
    return listener;
  }

  /** Tells the sinks that {@code count} events did not get out elsewhere. */
  void publishSinkLoss(String sink, long count, Instant from, String reason) {
    Instant now = clock.instant();
    publish(
        EventsLost.builder(Subject.ofAgent(), agent)
            .time(now)
            .reason(LossReason.SINK_FAILED)
            .count(count)
            .from(from)
            .to(now)
            .detail("sink " + sink + ": " + reason)
            .build());
  }

  Instant now() {
    return clock.instant();
  }

  /** A random UUID from the kernel, random(4): the JDK's own loads its security providers first. */
  private static String newRunId() {
    try (InputStream in = Files.newInputStream(Path.of("/proc/sys/kernel/random/uuid"))) {
      byte[] text = in.readNBytes(64);
      return UUID.fromString(new String(text, StandardCharsets.US_ASCII).trim()).toString();
    } catch (IOException | IllegalArgumentException e) {
      return UUID.randomUUID().toString();
    }
  }
}
