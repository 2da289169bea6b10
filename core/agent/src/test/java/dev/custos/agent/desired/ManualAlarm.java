package dev.custos.agent.desired;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Alarms that go off when a test lets time pass. */
final class ManualAlarm implements Alarm {
  private static final class Set {
    final Duration at;
    final Runnable task;
    boolean done;

    Set(Duration at, Runnable task) {
      this.at = at;
      this.task = task;
    }
  }

  private final List<Set> alarms = new ArrayList<>();
  private Duration now = Duration.ZERO;

  @Override
  public synchronized Cancel after(Duration delay, Runnable task) {
    Set alarm = new Set(now.plus(delay), task);
    alarms.add(alarm);
    return () -> {
      synchronized (this) {
        alarm.done = true;
      }
    };
  }

  /** How many are set. */
  synchronized int pending() {
    return (int) alarms.stream().filter(alarm -> !alarm.done).count();
  }

  void advance(Duration by) {
    List<Runnable> due = new ArrayList<>();
    synchronized (this) {
      now = now.plus(by);
      for (Set alarm : alarms) {
        if (!alarm.done && alarm.at.compareTo(now) <= 0) {
          alarm.done = true;
          due.add(alarm.task);
        }
      }
    }
    due.forEach(Runnable::run);
  }
}
