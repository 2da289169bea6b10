package dev.custos.controller.status;

import java.util.ArrayList;
import java.util.List;

/** What gathers for one Kubernetes event until it is told. Not thread-safe. */
final class EventText {
  private static final int MOST_NAMED = 5;

  private final EventReason reason;
  private final boolean guard;
  private final List<String> named = new ArrayList<>();
  private int count;
  private int attempts;

  /**
   * @param guard whether the resource guards; others watch
   */
  EventText(EventReason reason, boolean guard) {
    this.reason = reason;
    this.guard = guard;
  }

  /** Of a pod its name, of a condition its message, of a loss what was lost. */
  void add(String what) {
    count++;
    if (isAboutTheWhole()) {
      named.clear();
    }
    if (named.size() < MOST_NAMED) {
      named.add(what);
    }
  }

  /** Says that telling it failed, and whether that was often enough. */
  boolean failed(int mostAttempts) {
    attempts++;
    return attempts >= mostAttempts;
  }

  /** What gathered while telling this one failed. */
  void addAll(EventText later) {
    later.named.forEach(this::add);
    count += later.count - later.named.size();
  }

  String text() {
    String things = String.join(reason == EventReason.LOST ? "; " : ", ", named);
    int more = count - named.size();
    String all = isAboutTheWhole() || more == 0 ? things : things + " and " + more + " more";
    String pods = (count == 1 ? "pod " : count + " pods: ") + all;
    String text =
        switch (reason) {
          case ADDED -> (guard ? "guarding " : "watching ") + pods;
          case REMOVED -> "no longer " + (guard ? "guarding " : "watching ") + pods;
          case DEGRADED, RECOVERED -> all;
          case LOST -> "events are missing: " + all;
        };
    return Texts.bounded(text, Texts.LONGEST_MESSAGE);
  }

  private boolean isAboutTheWhole() {
    return reason == EventReason.DEGRADED || reason == EventReason.RECOVERED;
  }
}
