package dev.custos.agent.pipeline;

import dev.custos.agent.spool.SpoolDisk;
import dev.custos.agent.spool.SpoolRefusedException;
import dev.custos.spi.EventPublisher;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.Sink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Numbers events and puts them into the queue of each sink. Publishing takes one lock for all
 * events of a call, and never waits for a sink. For a spool it does: it returns once what it was
 * given is in the file, so that no more than that is missing if the agent is killed. The kernel
 * gathers what comes meanwhile. A disk that stalls is waited for once, and no longer than a fifth
 * of a second.
 */
public final class EventPipeline implements EventPublisher, AutoCloseable {
  /** How long a spool is waited for: less than fills the kernel's queue at 80,000 per second. */
  private static final Duration LONGEST_HOLD = Duration.ofMillis(200);

  private final ReentrantLock lock = new ReentrantLock();
  private final String runId = newRunId();
  private final Origin agent;
  private final LineFormats formats;
  private final PipelineListener listener;
  private final Clock clock;
  private final SpoolDisk disk;
  private final long holdNanos;
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
    this(agent, formats, listener, clock, SpoolDisk.REAL, LONGEST_HOLD);
  }

  /** For tests: with a disk of theirs, and with more time on a machine that is busy. */
  EventPipeline(
      Origin agent,
      LineFormats formats,
      PipelineListener listener,
      Clock clock,
      SpoolDisk disk,
      Duration longestHold) {
    this.agent = agent;
    this.formats = formats;
    this.listener = listener;
    this.clock = clock;
    this.disk = disk;
    this.holdNanos = longestHold.toNanos();
    this.supervisor = new WriteSupervisor();
  }

  /** A UUID that stands for this run beside each sequence number. */
  public String runId() {
    return runId;
  }

  /**
   * Starts to bring events to a sink without a spool; it gets those that are published from now on.
   */
  public void addSink(String name, Sink sink, SinkOpener opener, SinkPolicy policy) {
    if (policy.spool().isPresent()) {
      throw new IllegalArgumentException("a spool may fail to open: reconfigure is for that");
    }
    SinkLane lane;
    try {
      lane = new SinkLane(this, new SinkSpec(name, sink, opener, policy, EventMatch.ALL), agent);
    } catch (SpoolRefusedException e) {
      throw new IllegalStateException("there is no spool to refuse", e);
    }
    lock.lock();
    try {
      checkOpen();
      SinkLane[] more = Arrays.copyOf(lanes, lanes.length + 1);
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
   * its connection and its queue; one that changed keeps its queue, and its connection if its
   * identity is the same; one that is not named any more, or is to have another spool, writes what
   * it has within a deadline, and is closed. Calls must not overlap.
   *
   * @throws SinkOpenException if a sink or its spool can't be had; then nothing has changed
   */
  public SinkChanges reconfigure(List<SinkSpec> specs) throws SinkOpenException {
    SinkSwap swap = new SinkSwap(this, agent, lanes);
    swap.open(specs);
    lock.lock();
    try {
      checkOpen();
      lanes = swap.lanes();
      for (SinkLane lane : swap.retired()) {
        lane.finish();
      }
    } finally {
      lock.unlock();
    }
    swap.commit(supervisor);
    return swap.changes();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the pipeline is closed");
    }
  }

  @Override
  public void publish(IntegrityEvent event) {
    SinkLane[] to;
    long last;
    lock.lock();
    try {
      to = lanes;
      long number = ++sequence;
      last = number;
      for (SinkLane lane : to) {
        lane.offer(event, number);
      }
    } finally {
      lock.unlock();
    }
    handOver(to, last);
  }

  @Override
  public void publishAll(List<? extends IntegrityEvent> events) {
    int count = events.size();
    if (count == 0) {
      return;
    }
    SinkLane[] to;
    long last;
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
      last = sequence;
    } finally {
      lock.unlock();
    }
    handOver(to, last);
  }

  /** Has the sinks see what was queued up to a number, and the spools keep it. */
  private void handOver(SinkLane[] to, long last) {
    for (SinkLane lane : to) {
      lane.wake();
    }
    long left = holdNanos;
    for (SinkLane lane : to) {
      left = lane.awaitKept(last, left);
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
    for (SinkLane lane : lanes) {
      all.add(lane.status());
    }
    return all;
  }

  /** Whether any sink still takes events. */
  public boolean hasOpenSink() {
    for (SinkLane lane : lanes) {
      if (lane.isOpen()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Has the sinks write what was published so far, and closes them. What a sink could not write
   * within the deadline stays in its spool; without one it is lost and shows in its status.
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
    publishSinkLoss(sink, count, from, clock.instant(), reason);
  }

  void publishSinkLoss(String sink, long count, Instant from, Instant to, String reason) {
    publish(
        EventsLost.builder(Subject.ofAgent(), agent)
            .time(clock.instant())
            .reason(LossReason.SINK_FAILED)
            .count(count)
            .from(from)
            .to(to)
            .detail("sink " + sink + ": " + reason)
            .build());
  }

  SpoolDisk disk() {
    return disk;
  }

  Clock clock() {
    return clock;
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
