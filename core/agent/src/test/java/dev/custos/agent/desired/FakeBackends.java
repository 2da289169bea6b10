package dev.custos.agent.desired;

import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendException;
import dev.custos.spi.Coverage;
import dev.custos.spi.Inspection;
import dev.custos.spi.PathState;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Opens backends that do as a test tells them, and keeps all of them. */
final class FakeBackends implements BackendOpener<WatchPlan> {
  /** What an apply does. */
  interface Behaviour {
    ApplyReport on(WatchPlan plan) throws BackendException;
  }

  /** One life. */
  final class Fake implements WatchBackend {
    final Coverage coverage;
    final List<WatchPlan> applied = new CopyOnWriteArrayList<>();
    volatile boolean closed;
    volatile Inspection inspection = Inspection.NOTHING;

    Fake(Coverage coverage) {
      this.coverage = coverage;
    }

    @Override
    public ApplyReport apply(WatchPlan desired) throws BackendException {
      applied.add(desired);
      return behaviour.on(desired);
    }

    @Override
    public Inspection inspect() {
      return inspection;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  final List<Fake> opened = new CopyOnWriteArrayList<>();
  volatile Behaviour behaviour = FakeBackends::allActive;
  volatile String refuses;

  static ApplyReport allActive(WatchPlan plan) {
    List<PathState> rows = new ArrayList<>();
    for (Watch watch : plan.watches()) {
      rows.add(PathState.active(watch.subject(), watch.path()));
    }
    return new ApplyReport(rows, rows.size());
  }

  @Override
  public WatchBackend open(Coverage coverage) throws BackendException {
    if (refuses != null) {
      throw new BackendException(refuses);
    }
    Fake fake = new Fake(coverage);
    opened.add(fake);
    return fake;
  }
}
