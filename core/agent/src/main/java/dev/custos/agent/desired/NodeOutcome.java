package dev.custos.agent.desired;

import dev.custos.spi.PathState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What becomes of a snapshot, target by target. */
public record NodeOutcome(
    List<CompletableFuture<TargetStatus>> watching,
    List<CompletableFuture<TargetStatus>> guarding) {

  /** Waits for all targets. Returns false if they are not all done by then. */
  public boolean await(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    List<CompletableFuture<TargetStatus>> all = new ArrayList<>(watching);
    all.addAll(guarding);
    for (CompletableFuture<TargetStatus> target : all) {
      try {
        target.get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException e) {
        throw new IllegalStateException("a target's status is never exceptional", e);
      }
    }
    return true;
  }

  /** How many kernel objects watch. Only after {@link #await}. */
  public int watchObjects() {
    int objects = 0;
    for (CompletableFuture<TargetStatus> target : watching) {
      objects += target.join().kernelObjects();
    }
    return objects;
  }

  /** How many of the paths that are to be guarded are. Only after {@link #await}. */
  public int guardedPaths() {
    int guarded = 0;
    for (CompletableFuture<TargetStatus> target : guarding) {
      for (PathState path : target.join().paths()) {
        guarded += path.state() == PathState.State.ACTIVE ? 1 : 0;
      }
    }
    return guarded;
  }

  /** How each target stood when it was applied. Only after {@link #await}. */
  public List<TargetStatus> statuses() {
    List<TargetStatus> all = new ArrayList<>();
    for (CompletableFuture<TargetStatus> target : watching) {
      all.add(target.join());
    }
    for (CompletableFuture<TargetStatus> target : guarding) {
      all.add(target.join());
    }
    return all;
  }
}
