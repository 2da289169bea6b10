package dev.custos.controller.server;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.identity.AgentIdentity;
import dev.custos.controller.identity.Verdict;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a stream's agent proven: at first by the token that it comes with, later by the successors
 * of that token. Ends the stream when none holds any more. Guards its state by itself.
 */
final class AgentProof {
  /** The stream that this is about. */
  interface Stream {
    /** Called once, before anything is read. */
    void proven(AgentIdentity identity);

    void refuse(Status status);
  }

  private static final Duration BETWEEN_RENEWALS = Duration.ofSeconds(2);

  private final Admission admission;
  private final ScheduledExecutorService timer;
  private final String peer;
  private final Stream stream;
  private final Clock clock = Clock.systemUTC();

  private AgentIdentity identity;
  private Future<?> expiry = CompletableFuture.completedFuture(null);
  private String successor;
  private boolean reviewing;
  private boolean closed;

  AgentProof(Admission admission, ScheduledExecutorService timer, String peer, Stream stream) {
    this.admission = admission;
    this.timer = timer;
    this.peer = peer;
    this.stream = stream;
  }

  void begin(String token) {
    CompletableFuture<Void> unused = admission.judge(token, peer).thenAccept(this::begun);
  }

  private void begun(Verdict verdict) {
    if (verdict instanceof Verdict.Admitted admitted) {
      accept(admitted.identity());
      stream.proven(admitted.identity());
    } else {
      stream.refuse(status(verdict));
    }
  }

  private synchronized void accept(AgentIdentity proven) {
    identity = proven;
    expiry.cancel(false);
    if (!closed) {
      long left = Duration.between(clock.instant(), proven.expires()).toMillis();
      expiry = timer.schedule(this::expired, Math.max(0, left) + 1, TimeUnit.MILLISECONDS);
    }
  }

  private void expired() {
    synchronized (this) {
      if (closed || clock.instant().isBefore(identity.expires())) {
        return; // a successor came at the last moment, and has set an expiry of its own
      }
    }
    stream.refuse(Status.UNAUTHENTICATED.withDescription("the token has expired"));
  }

  /** The agent has a new token. Not looked at more often than is of use. */
  void renew(String token) {
    synchronized (this) {
      successor = token;
      if (reviewing || closed) {
        return;
      }
      reviewing = true;
    }
    review();
  }

  private void review() {
    String token;
    synchronized (this) {
      token = successor;
    }
    CompletableFuture<Void> unused =
        admission.judge(token, peer).thenAccept(verdict -> renewed(token, verdict));
  }

  private void renewed(String token, Verdict verdict) {
    if (verdict instanceof Verdict.Admitted admitted) {
      AgentIdentity next = admitted.identity();
      if (!next.podUid().equals(identity().podUid()) || !next.node().equals(identity().node())) {
        stream.refuse(Status.PERMISSION_DENIED.withDescription("the new token is of another pod"));
        return;
      }
      accept(next);
    } else if (verdict instanceof Verdict.Denied) {
      stream.refuse(status(verdict));
      return;
    }
    synchronized (this) {
      // What could not be reviewed is tried again; what came meanwhile gets its turn.
      boolean again = verdict instanceof Verdict.TryLater || !token.equals(successor);
      if (!again || closed) {
        reviewing = false;
        return;
      }
      var unused = timer.schedule(this::review, BETWEEN_RENEWALS.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  synchronized AgentIdentity identity() {
    return identity;
  }

  /** The stream has ended. */
  synchronized void close() {
    closed = true;
    expiry.cancel(false);
  }

  private static Status status(Verdict verdict) {
    if (verdict instanceof Verdict.Denied denied) {
      return Status.UNAUTHENTICATED.withDescription(denied.reason());
    }
    return verdict instanceof Verdict.TryLater later
        ? Status.UNAVAILABLE.withDescription(later.reason())
        : Status.OK;
  }
}
