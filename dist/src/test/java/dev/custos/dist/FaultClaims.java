package dev.custos.dist;

import dev.custos.dist.ReceivedEvents.Loss;
import dev.custos.dist.ReceivedEvents.Subject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is asked for and when, and whether that is what came of it. A watch or guard is in place
 * some time after it was asked for, which is when its first effect is seen; from then on, up to
 * when it is no longer asked for, everything has its effect or lies in a reported loss, whatever
 * was killed meanwhile.
 */
final class FaultClaims {
  /** Something is asked for, in a pod. */
  record Claim(FaultPod pod, Subject subject) {
    static Claim of(FaultPod pod, String resource, String path) {
      return new Claim(pod, new Subject(pod.name(), resource, path));
    }

    boolean isGuard() {
      return subject.path().equals(FaultPod.SECRET);
    }
  }

  /**
   * How long it is asked for.
   *
   * @param to null as long as it is
   */
  private record Period(Instant from, Instant to) {}

  private final Map<Claim, List<Period>> periods = new HashMap<>();

  // Claims whose last period is not their first, and which may still be served for the one before.
  private final Set<Claim> again = new HashSet<>();

  /** Claims that are not in this set are not asked for from before this moment on. */
  void end(Set<Claim> staying) {
    Instant now = Instant.now();
    periods.forEach(
        (claim, all) -> {
          Period last = all.get(all.size() - 1);
          if (last.to() == null && !staying.contains(claim)) {
            // Of one that never settled nothing can be said.
            boolean unsettled = again.remove(claim);
            all.set(all.size() - 1, new Period(unsettled ? now : last.from(), now));
          }
        });
  }

  /** Claims of this set are asked for from now on, if they were not before. */
  void begin(Set<Claim> wanted) {
    Instant now = Instant.now();
    for (Claim claim : wanted) {
      List<Period> all = periods.computeIfAbsent(claim, key -> new ArrayList<>());
      if (all.isEmpty()) {
        all.add(new Period(now, null));
      } else if (all.get(all.size() - 1).to() != null) {
        all.add(new Period(now, null));
        again.add(claim);
      }
    }
  }

  /**
   * What is asked for is what there is. A claim that was given up and made again counts only from
   * here on: what was still there of the first time may have gone and come meanwhile.
   */
  void settled() {
    Instant now = Instant.now();
    for (Claim claim : again) {
      List<Period> all = periods.get(claim);
      all.set(all.size() - 1, new Period(now, null));
    }
    again.clear();
  }

  /** All that was ever asked for. */
  Set<Claim> ever() {
    return Set.copyOf(periods.keySet());
  }

  /** What is missing and in no reported loss, a sentence each; to be called when all has come. */
  List<String> missing(ReceivedEvents received) {
    List<String> missing = new ArrayList<>();
    periods.forEach(
        (claim, all) -> {
          List<Loss> losses =
              received.losses().stream().filter(loss -> concerns(loss, claim)).toList();
          for (Period period : all) {
            if (claim.isGuard()) {
              checkGuard(claim, period, losses, missing);
            } else {
              checkFiles(claim, period, received.filesOf(claim.subject()), losses, missing);
            }
          }
        });
    return missing;
  }

  private static boolean concerns(Loss loss, Claim claim) {
    boolean all = loss.subject() == null && !claim.isGuard();
    return loss.node().equals(claim.pod().node())
        && (all || claim.subject().equals(loss.subject()));
  }

  private static void checkFiles(
      Claim claim, Period period, Set<Long> told, List<Loss> losses, List<String> missing) {
    List<FaultPod.Made> files =
        claim.pod().made().stream()
            .filter(one -> one.number() >= 0 && within(one.before(), one.after(), period))
            .toList();
    Set<Path> seen = new HashSet<>();
    files.stream().filter(one -> told.contains(one.number())).forEach(one -> seen.add(one.root()));
    boolean inPlace = false;
    TreeSet<Long> silent = new TreeSet<>();
    String first = "";
    for (FaultPod.Made file : files) {
      inPlace |= told.contains(file.number());
      boolean covered =
          told.contains(file.number())
              || losses.stream().anyMatch(loss -> loss.covers(file.before(), file.after()));
      // Of a container that is started and given up before the agent hears of it nobody can tell.
      boolean isUnknown = period.to() != null && !seen.contains(file.root());
      if (inPlace && !covered && !isUnknown) {
        first = silent.isEmpty() ? file.toString() : first;
        silent.add(file.number());
      }
    }
    if (!silent.isEmpty()) {
      missing.add(
          "%s of %s: %d files up to %d (first: %s) are neither told nor lost; losses: %s"
              .formatted(claim.subject(), period, silent.size(), silent.last(), first, losses));
    }
  }

  private static void checkGuard(
      Claim claim, Period period, List<Loss> losses, List<String> missing) {
    boolean inPlace = false;
    List<FaultPod.Asked> opened = new ArrayList<>();
    for (FaultPod.Asked asked : claim.pod().asked()) {
      if (within(asked.before(), asked.after(), period)) {
        inPlace |= asked.denied();
        boolean covered =
            asked.denied()
                || losses.stream().anyMatch(loss -> loss.covers(asked.before(), asked.after()));
        if (inPlace && !covered) {
          opened.add(asked);
        }
      }
    }
    if (!opened.isEmpty()) {
      missing.add(
          "%s of %s: opened %d times, from %s to %s, and no loss says so: %s"
              .formatted(
                  claim.subject(),
                  period,
                  opened.size(),
                  opened.get(0),
                  opened.get(opened.size() - 1),
                  losses));
    }
  }

  private static boolean within(Instant before, Instant after, Period period) {
    return !before.isBefore(period.from()) && (period.to() == null || after.isBefore(period.to()));
  }
}
