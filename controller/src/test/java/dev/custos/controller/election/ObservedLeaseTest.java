package dev.custos.controller.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ObservedLeaseTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final ZonedDateTime LONG_AGO =
      ZonedDateTime.of(2020, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final StoredLease stored = new StoredLease();
  private final AtomicInteger changes = new AtomicInteger();
  private final ObservedLease lease =
      new ObservedLease(new LeaseName("custos", "l"), stored, changes::incrementAndGet);

  @Test
  void aHolderWhoseClockIsBehindCountsFromWhenItWasSeenToRenew() {
    ZonedDateTime before = ZonedDateTime.now(ZoneOffset.UTC);
    stored.record = record("other", LONG_AGO);
    ZonedDateTime first = lease.get(null).getRenewTime();
    assertThat(first).isAfterOrEqualTo(before);
    assertThat(lease.get(null).getRenewTime()).isEqualTo(first);
    stored.record = record("other", LONG_AGO.plusSeconds(1));
    assertThat(lease.get(null).getRenewTime()).isAfter(first);
  }

  @Test
  void whatThisProcessWroteIsHeldUntilItIsTooOld() {
    assertThat(lease.isHeld(LONG)).isFalse();
    lease.create(null, record("us", LONG_AGO));
    assertThat(lease.isHeld(LONG)).isTrue();
    assertThat(lease.isHeld(Duration.ZERO)).isFalse();
    assertThat(changes).hasValue(1);
    lease.update(null, record("us", LONG_AGO.plusSeconds(1)));
    assertThat(lease.isHeld(LONG)).isTrue();
  }

  @Test
  void whatAnotherHasTakenOrWasGivenBackIsHeldNoLonger() {
    lease.create(null, record("us", LONG_AGO));
    stored.record = record("other", LONG_AGO);
    lease.get(null);
    assertThat(lease.isHeld(LONG)).isFalse();
    lease.update(null, record("us", LONG_AGO));
    assertThat(lease.isHeld(LONG)).isTrue();
    lease.update(null, record(null, LONG_AGO));
    assertThat(lease.isHeld(LONG)).isFalse();
  }

  @Test
  void aWriteThatFailsHoldsNothing() {
    stored.fault = new KubernetesClientException("conflict");
    assertThatThrownBy(() -> lease.create(null, record("us", LONG_AGO))).isSameAs(stored.fault);
    assertThatThrownBy(() -> lease.get(null)).isSameAs(stored.fault);
    assertThat(lease.isHeld(LONG)).isFalse();
  }

  private static LeaderElectionRecord record(String holder, ZonedDateTime renewed) {
    return new LeaderElectionRecord(holder, Duration.ofSeconds(10), renewed, renewed, 0);
  }

  private static final class StoredLease implements Lock {
    private LeaderElectionRecord record;
    private KubernetesClientException fault;

    @Override
    public LeaderElectionRecord get(KubernetesClient client) {
      failIfToldTo();
      return record;
    }

    @Override
    public void create(KubernetesClient client, LeaderElectionRecord created) {
      failIfToldTo();
      record = created;
    }

    @Override
    public void update(KubernetesClient client, LeaderElectionRecord updated) {
      failIfToldTo();
      record = updated;
    }

    private void failIfToldTo() {
      if (fault != null) {
        throw fault;
      }
    }

    @Override
    public String identity() {
      return "us";
    }

    @Override
    public String describe() {
      return "Lease: custos - test";
    }
  }
}
