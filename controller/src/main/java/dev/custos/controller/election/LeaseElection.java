package dev.custos.controller.election;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Elects by a {@code Lease} of the API server. A replica that could not renew it for 7 s stops
 * serving, whatever the elector is waiting for at that moment; no other takes the lease before it
 * has seen it unchanged for 10 s. So two never serve at the same time, as long as no process is
 * stopped for those three seconds; one that was ends its streams when it goes on.
 */
public final class LeaseElection implements Election {
  /** How long a lease is good for after its holder was heard of last. */
  public static final Duration LEASE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(LeaseElection.class);

  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(7);
  private static final Duration RETRY = Duration.ofSeconds(1);
  // How late it may be noticed that the deadline has passed.
  private static final Duration GLANCE = Duration.ofMillis(250);
  // How often a replica that stands by looks whether the lease was given back.
  private static final Duration LOOK = Duration.ofMillis(400);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final KubernetesClient client;
  private final LeaseName name;
  private final String identity;
  private final Semaphore changes = new Semaphore(0);
  private final ExecutorService requests =
      Executors.newSingleThreadExecutor(r -> daemon(r, "election-requests"));

  private volatile boolean closing;
  private Thread thread;

  /**
   * @param client one that gives up a request well before the lease runs out
   * @param identity differs between any two processes
   */
  public LeaseElection(KubernetesClient client, LeaseName name, String identity) {
    this.client = client;
    this.name = name;
    this.identity = identity;
  }

  @Override
  public synchronized void start(Candidate candidate) {
    thread = daemon(() -> stand(candidate), "election");
    thread.start();
  }

  @Override
  public synchronized void close() {
    closing = true;
    changes.release();
    try {
      if (thread != null) {
        thread.join(PATIENCE.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    requests.shutdownNow();
  }

  private void stand(Candidate candidate) {
    while (!closing) {
      ObservedLease lease =
          new ObservedLease(
              name, new LeaseLock(name.namespace(), name.name(), identity), changes::release);
      CompletableFuture<?> elector = new LeaderElector(client, config(lease), requests).start();
      try {
        follow(lease, elector, candidate);
      } finally {
        // Gives the lease back, if it is ours, when nothing is served any more.
        elector.cancel(true);
      }
    }
  }

  /** Returns when this elector is of no more use. */
  private void follow(ObservedLease lease, CompletableFuture<?> elector, Candidate candidate) {
    boolean leads = false;
    long begun = System.nanoTime();
    long looked = begun;
    try {
      while (!closing && !elector.isDone()) {
        boolean held = lease.isHeld(RENEW_DEADLINE);
        if (leads && !held) {
          LOG.warn("the lease {} is lost: agents are to find another replica", name);
          return;
        }
        if (held && !leads) {
          LOG.info("this replica leads, by the lease {}", name);
          leads = true;
          candidate.lead();
        }
        awaitChange();
        if (!leads && System.nanoTime() - looked >= LOOK.toNanos()) {
          looked = System.nanoTime();
          // Not before the elector's own first attempts: they may be refused for good.
          if (looked - begun >= RETRY.toNanos() && !lease.isHeld(LEASE) && isFree(lease)) {
            return; // the next elector takes it at once
          }
        }
      }
    } finally {
      if (leads) {
        candidate.standBy();
      }
    }
  }

  /**
   * Whether its holder gave it back: the elector would see that when it looks next, two seconds
   * later perhaps.
   */
  private boolean isFree(ObservedLease lease) {
    try {
      LeaderElectionRecord record = lease.get(client);
      return record != null && "".equals(Objects.toString(record.getHolderIdentity(), ""));
    } catch (KubernetesClientException e) {
      // Told by the lease itself, once; the elector goes on trying.
      return false;
    }
  }

  private void awaitChange() {
    try {
      if (changes.tryAcquire(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
        changes.drainPermits();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but to end it.
      closing = true;
    }
  }

  private LeaderElectionConfig config(ObservedLease lease) {
    return new LeaderElectionConfigBuilder()
        .withName(name.toString())
        .withLock(lease)
        .withLeaseDuration(LEASE)
        .withRenewDeadline(RENEW_DEADLINE)
        .withRetryPeriod(RETRY)
        .withReleaseOnCancel(true)
        .withLeaderCallbacks(
            new LeaderCallbacks(changes::release, changes::release, this::announce))
        .build();
  }

  private void announce(String leader) {
    if (leader != null && !leader.isEmpty() && !leader.equals(identity)) {
      LOG.info("{} leads, by the lease {}; this replica stands by", leader, name);
    }
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
