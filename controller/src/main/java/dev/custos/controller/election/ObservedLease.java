package dev.custos.controller.election;

import dev.custos.controller.api.ApiFault;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that trusts no clock but this machine's. Who holds it is judged by when this process last
 * renewed it, and whether somebody else's has run out by when this process saw it change last: a
 * replica whose clock is ahead must not take a lease that is being renewed.
 */
final class ObservedLease implements Lock {
  private static final Logger LOG = LoggerFactory.getLogger(ObservedLease.class);

  private final LeaseName name;
  private final Lock lease;
  private final Runnable changed;

  private LeaderElectionRecord stored;
  private ZonedDateTime seen;
  private boolean ours;
  private long renewed;
  private String lastFault = "";

  /**
   * @param changed called when there may be another answer to {@link #isHeld}
   */
  ObservedLease(LeaseName name, Lock lease, Runnable changed) {
    this.name = name;
    this.lease = lease;
    this.changed = changed;
  }

  /** Whether this process holds it, and renewed it no longer ago than this. */
  synchronized boolean isHeld(Duration atMost) {
    return ours && System.nanoTime() - renewed <= atMost.toNanos();
  }

  @Override
  public LeaderElectionRecord get(KubernetesClient client) {
    LeaderElectionRecord record;
    try {
      record = lease.get(client);
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
    return record == null ? null : observed(record);
  }

  private synchronized LeaderElectionRecord observed(LeaderElectionRecord record) {
    if (!record.equals(stored)) {
      stored = record;
      seen = ZonedDateTime.now(ZoneOffset.UTC);
    }
    if (ours && !identity().equals(record.getHolderIdentity())) {
      ours = false;
      changed.run();
    }
    return record.toBuilder().renewTime(seen).build();
  }

  @Override
  public void create(KubernetesClient client, LeaderElectionRecord record) {
    write(record, () -> lease.create(client, record));
  }

  @Override
  public void update(KubernetesClient client, LeaderElectionRecord record) {
    write(record, () -> lease.update(client, record));
  }

  private void write(LeaderElectionRecord record, Runnable request) {
    // The lease counts from before the request: when the server wrote it down is not known.
    long begun = System.nanoTime();
    try {
      request.run();
    } catch (KubernetesClientException e) {
      throw failed(e);
    }
    synchronized (this) {
      ours = identity().equals(record.getHolderIdentity());
      renewed = begun;
      lastFault = "";
    }
    changed.run();
  }

  // The elector tries again and again: what is always the same fault is told once.
  private synchronized KubernetesClientException failed(KubernetesClientException fault) {
    ApiFault said = ApiFault.of(fault);
    if (!said.reason().equals(lastFault)) {
      lastFault = said.reason();
      LOG.warn(
          "the lease {} can't be had: {}; {}tried again", name, lastFault, wayOut(said.code()));
    }
    return fault;
  }

  private static String wayOut(int code) {
    return switch (code) {
      case HttpURLConnection.HTTP_FORBIDDEN ->
          "give the controller's account the roles of kubernetes/1-controller-roles.yaml; ";
      case HttpURLConnection.HTTP_NOT_FOUND ->
          "kubernetes/0-namespace.yaml makes the namespace, and --no-leader-election serves without"
              + " a lease; ";
      default -> "";
    };
  }

  @Override
  public String identity() {
    return lease.identity();
  }

  @Override
  public String describe() {
    return lease.describe();
  }
}
