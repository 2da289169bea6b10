package dev.custos.agent.link;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.desired.NodeOutcome;
import dev.custos.agent.plugin.ProbedBackend;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Applied;
import dev.custos.protocol.v1.CoverageChanged;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.protocol.v1.SubjectReport;
import dev.custos.snapshot.NodeSnapshot;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps the node to what the controller wants of it, and the controller informed of what came of
 * it, over a stream that is opened again and again as long as the link is open. Threads: see the
 * package.
 *
 * <p>A snapshot is applied as soon as it is there, even if the one before is still being applied;
 * then only the newer one is answered. One with the version that is in force already is answered
 * and changes nothing. One that can't be carried out as a whole is refused as a whole.
 */
public final class ControllerLink implements AutoCloseable {
  /** How long changes of coverage are gathered. */
  private static final long BATCH_MILLIS = 200;

  /** How often the controller hears of totals of events, if they have grown. */
  private static final long COUNTS_SECONDS = 10;

  /** How exactly the next run knows when this one ended. */
  private static final long SIGN_SECONDS = 5;

  private static final long CLOSE_SECONDS = 2;

  /** Held, because a logger that nobody holds forgets its level. */
  private final Logger transportLog = Logger.getLogger("io.grpc");

  private final LinkSettings settings;
  private final List<ProbedBackend> backends;
  private final LinkedNode node;
  private final SnapshotStore store;
  private final LifeSign lifeSign;
  private final LinkListener listener;
  private final String runId = UUID.randomUUID().toString();
  private final Backoff backoff;
  private final ScheduledThreadPoolExecutor thread;
  private final AtomicBoolean flushing = new AtomicBoolean();

  // From here on: touched by the link's thread alone.
  private final CountReports counts;
  private AgentStream stream;
  private NodeSnapshot held;
  private PathRows rows; // null until the held snapshot is applied
  private boolean answerOwed;
  private AgentMessage refusalOwed; // null for none
  private boolean inspecting;
  private boolean signFailed;
  private boolean closed;

  /** Does nothing before {@link #start}. */
  public ControllerLink(
      LinkSettings settings,
      List<ProbedBackend> backends,
      LinkedNode node,
      SnapshotStore store,
      LinkListener listener) {
    // It tells in lines of its own on stderr what the listener hears as well.
    transportLog.setLevel(Level.OFF);
    LinkChannel.lookUpEachTime();
    this.settings = settings;
    this.backends = List.copyOf(backends);
    this.node = node;
    this.counts = new CountReports(node.counts());
    this.store = store;
    this.lifeSign = store.lifeSign();
    this.listener = listener;
    this.backoff = new Backoff(settings.patience());
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread one = new Thread(task, "custos-link");
              one.setDaemon(true);
              return one;
            },
            // After close gRPC still has things to tell, and nobody to hear them.
            new ThreadPoolExecutor.DiscardPolicy());
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Applies the stored snapshot, if there is one of use, and only then looks for a controller. */
  public void start() {
    thread.execute(
        () -> {
          applyStored();
          connect();
        });
    var unused =
        thread.scheduleWithFixedDelay(
            this::sendCounts, COUNTS_SECONDS, COUNTS_SECONDS, TimeUnit.SECONDS);
    var unusedEither =
        thread.scheduleWithFixedDelay(this::giveSign, SIGN_SECONDS, SIGN_SECONDS, TimeUnit.SECONDS);
    if (!settings.inspection().isZero()) {
      long millis = settings.inspection().toMillis();
      var unusedToo =
          thread.scheduleWithFixedDelay(this::inspect, millis, millis, TimeUnit.MILLISECONDS);
    }
  }

  /** Says that a path's state may have changed. Any thread; returns at once. */
  public void statusChanged() {
    if (flushing.compareAndSet(false, true)) {
      var unused =
          thread.schedule(
              () -> {
                // First: what changes from here on needs another look.
                flushing.set(false);
                flush();
              },
              BATCH_MILLIS,
              TimeUnit.MILLISECONDS);
    }
  }

  /** Ends the stream after the last totals. What is applied stays applied. */
  @Override
  public void close() {
    CompletableFuture<AgentStream> last = new CompletableFuture<>();
    thread.execute(
        () -> {
          sendCounts();
          giveSign();
          closed = true;
          if (stream != null) {
            stream.finish();
          }
          last.complete(stream);
          stream = null;
        });
    try {
      AgentStream finished = last.get(CLOSE_SECONDS, TimeUnit.SECONDS);
      if (finished != null) {
        finished.awaitEnd();
      }
      thread.shutdown();
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (ExecutionException | TimeoutException e) {
      // The thread is held up, by a disk for one; it will find the executor closed.
      thread.shutdownNow();
    } catch (InterruptedException e) {
      thread.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private void applyStored() {
    try {
      Optional<NodeSnapshot> stored = store.load();
      if (stored.isPresent()) {
        NodeSnapshot snapshot = stored.get();
        if (snapshot.node().equals(settings.node())) {
          apply(snapshot);
        } else {
          listener.warned("the stored snapshot is not used: " + foreign(snapshot));
        }
      }
    } catch (UnusableSnapshotException | RuntimeException e) {
      // Whatever is wrong with a file must not keep the agent from its controller.
      listener.warned("the stored snapshot is not used: " + e.getMessage());
    }
  }

  private String foreign(NodeSnapshot snapshot) {
    return "node: is " + snapshot.node() + ", and this is " + settings.node();
  }

  private void connect() {
    if (!closed) {
      try {
        stream = new AgentStream(settings, thread, new StreamEvents());
      } catch (IOException e) {
        again(e.getMessage());
        return;
      }
      stream.send(Messages.hello(settings, runId, held == null ? "" : held.version(), backends));
    }
  }

  private void again(String reason) {
    Duration pause = backoff.next();
    listener.disconnected(reason, pause);
    var unused = thread.schedule(this::connect, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void received(Snapshot message) {
    NodeSnapshot snapshot;
    try {
      snapshot = SnapshotCodec.decode(message);
    } catch (SnapshotRefusedException e) {
      refuse(message.getVersion(), e.getMessage());
      return;
    }
    if (!snapshot.node().equals(settings.node())) {
      refuse(snapshot.version(), foreign(snapshot));
      return;
    }
    answerOwed = true;
    if (held != null && held.version().equals(snapshot.version())) {
      flush();
      return;
    }
    try {
      apply(snapshot);
    } catch (RuntimeException e) {
      // Plans are made before the first is handed on, so nothing of it is in force.
      answerOwed = false;
      refuse(snapshot.version(), "the agent can't make plans of it: " + e);
      return;
    }
    // After it: a slow disk must not hold up a guard. If we crash in between, the controller sends
    // it again.
    try {
      store.save(snapshot);
    } catch (IOException e) {
      listener.warned(
          "the snapshot can't be stored, and the next start will not know it: " + e.getMessage());
    }
  }

  private void refuse(String version, String reason) {
    // The newest alone: a controller that sends and never reads must not fill the agent's memory.
    refusalOwed = Messages.refused(version, reason);
    listener.refused(version, reason);
    flush();
  }

  private void apply(NodeSnapshot snapshot) {
    NodeOutcome outcome = node.apply(snapshot);
    held = snapshot;
    rows = null;
    List<CompletableFuture<?>> targets = new ArrayList<>(outcome.watching());
    targets.addAll(outcome.guarding());
    CompletableFuture<Void> unused =
        CompletableFuture.allOf(targets.toArray(CompletableFuture[]::new))
            .thenRunAsync(() -> applied(snapshot, outcome), thread);
  }

  @SuppressWarnings("ReferenceEquality") // a version may come back: this very apply is meant
  private void applied(NodeSnapshot snapshot, NodeOutcome outcome) {
    if (held != snapshot || closed) {
      return; // a newer one came meanwhile, and is answered instead
    }
    rows = new PathRows(outcome.statuses());
    giveSign();
    listener.applied(snapshot, outcome);
    flush();
  }

  /** Not while a snapshot is being applied: what it asks for is not in place before. */
  private void giveSign() {
    if (rows == null || signFailed) {
      return;
    }
    try {
      lifeSign.give(Instant.now());
    } catch (IOException | RuntimeException e) {
      signFailed = true;
      listener.warned("the next start will not know up to when this run lasted: " + e.getMessage());
    }
  }

  private void sendCounts() {
    if (stream != null && stream.isReady()) {
      counts
          .next(held)
          .ifPresent(c -> stream.send(AgentMessage.newBuilder().setEventCounts(c).build()));
    }
  }

  private void inspect() {
    // Not while plans are on their way: what differs then is what they ask for.
    if (inspecting || rows == null) {
      return;
    }
    inspecting = true;
    String version = held.version();
    CompletableFuture<Void> unused =
        node.inspect()
            .handleAsync(
                (inspection, fault) -> {
                  inspecting = false;
                  if (fault == null) {
                    inspected(version, inspection);
                  }
                  return null;
                },
                thread);
  }

  private void inspected(String version, KernelInspection inspection) {
    listener.inspected(inspection);
    if (stream != null && stream.isReady() && stream.isAnswered()) {
      stream.send(Messages.inspected(version, inspection));
    }
  }

  /**
   * Says what the controller does not know yet. While the stream takes nothing, changes gather in
   * {@link #rows}, one for each path; when it does again, this is called.
   */
  private void flush() {
    if (stream == null || !stream.isReady()) {
      return;
    }
    if (refusalOwed != null) {
      stream.send(refusalOwed);
      refusalOwed = null;
    }
    if (rows == null) {
      return;
    }
    rows.update(node.status());
    if (answerOwed) {
      answerOwed = false;
      stream.send(
          AgentMessage.newBuilder()
              .setApplied(
                  Applied.newBuilder().setVersion(held.version()).addAllSubjects(rows.all()))
              .build());
      return;
    }
    if (!stream.isAnswered()) {
      return; // this controller has yet to hear of the snapshot that the changes belong to
    }
    List<SubjectReport> changes = rows.changes();
    if (!changes.isEmpty()) {
      stream.send(
          AgentMessage.newBuilder()
              .setCoverageChanged(
                  CoverageChanged.newBuilder().setVersion(held.version()).addAllSubjects(changes))
              .build());
    }
  }

  private final class StreamEvents implements AgentStream.Events {
    @Override
    public void opened() {
      listener.connected();
      counts.begin();
      sendCounts();
    }

    @Override
    public void ready() {
      flush();
    }

    @Override
    public void received(Snapshot snapshot) {
      if (!closed) {
        backoff.reset();
        ControllerLink.this.received(snapshot);
      }
    }

    @Override
    public void ended(Status status) {
      if (closed) {
        return;
      }
      stream = null;
      answerOwed = false;
      refusalOwed = null;
      again(AgentStream.describe(status));
    }
  }
}
