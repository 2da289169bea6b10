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

  // In a message: how many gaps, and which losses, in seconds.
  private static final int SHOWN = 5;
  private static final int AROUND = 30;

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

  /** What is missing and in no reported loss, each with what was reported around it. */
  List<String> missing(ReceivedEvents received) {
    List<Loss> losses = received.losses();
    List<String> missing = new ArrayList<>();
    periods.forEach(
        (claim, all) -> {
          for (Period period : all) {
            List<Gap> gaps =
                claim.isGuard()
                    ? unanswered(claim, period)
                    : untold(claim, period, received.filesOf(claim.subject()));
            gaps.removeIf(
                gap -> losses.stream().anyMatch(loss -> concerns(loss, claim) && gap.isIn(loss)));
            if (!gaps.isEmpty()) {
              missing.add(text(claim, period, gaps, losses));
            }
          }
        });
    return missing;
  }

  /** Something without the effect that it should have had, and between when it happened. */
  private record Gap(String what, Instant before, Instant after) {
    boolean isIn(Loss loss) {
      return loss.covers(before, after);
    }
  }

  private static boolean concerns(Loss loss, Claim claim) {
    boolean all = loss.subject() == null && !claim.isGuard();
    return loss.node().equals(claim.pod().node())
        && (all || claim.subject().equals(loss.subject()));
  }

  private static List<Gap> untold(Claim claim, Period period, Set<Long> told) {
    List<FaultPod.Made> files =
        claim.pod().made().stream()
            .filter(one -> one.number() >= 0 && within(one.before(), one.after(), period))
            .toList();
    Set<Path> seen = new HashSet<>();
    files.stream().filter(one -> told.contains(one.number())).forEach(one -> seen.add(one.root()));
    List<Gap> gaps = new ArrayList<>();
    boolean inPlace = false;
    for (FaultPod.Made file : files) {
      inPlace |= told.contains(file.number());
      // Of a container that is started and given up before the agent hears of it nobody can tell.
      boolean isUnknown = period.to() != null && !seen.contains(file.root());
      if (inPlace && !told.contains(file.number()) && !isUnknown) {
        gaps.add(new Gap("n" + file.number() + " in " + file.root(), file.before(), file.after()));
      }
    }
    return gaps;
  }

  private static List<Gap> unanswered(Claim claim, Period period) {
    List<Gap> gaps = new ArrayList<>();
    boolean inPlace = false;
    for (FaultPod.Asked asked : claim.pod().asked()) {
      if (within(asked.before(), asked.after(), period)) {
        inPlace |= asked.denied();
        if (inPlace && !asked.denied()) {
          gaps.add(new Gap("opened", asked.before(), asked.after()));
        }
      }
    }
    return gaps;
  }

  private static String text(Claim claim, Period period, List<Gap> gaps, List<Loss> losses) {
    Instant from = gaps.get(0).before().minusSeconds(AROUND);
    Instant to = gaps.get(gaps.size() - 1).after().plusSeconds(AROUND);
    StringBuilder text = new StringBuilder();
    text.append(gaps.size()).append(" without effect and in no loss: ").append(claim.subject());
    text.append(" on ").append(claim.pod().node()).append(", asked for in ").append(period);
    gaps.stream().limit(SHOWN).forEach(gap -> text.append("\n  ").append(gap));
    text.append("\n  ... ").append(gaps.get(gaps.size() - 1));
    losses.stream()
        .filter(loss -> loss.node().equals(claim.pod().node()) && loss.covers(from, to))
        .forEach(loss -> text.append("\n  reported: ").append(loss));
    return text.append('\n').toString();
  }

  private static boolean within(Instant before, Instant after, Period period) {
    return !before.isBefore(period.from()) && (period.to() == null || after.isBefore(period.to()));
  }
}
