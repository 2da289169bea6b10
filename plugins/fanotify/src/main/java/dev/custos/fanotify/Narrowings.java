package dev.custos.fanotify;

import dev.custos.fanotify.Walk.End;
import dev.custos.linux.NativeException;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Processes;
import dev.custos.spi.guard.GuardPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out who the guards of a plan are about: each {@code processes} of it once, however many
 * guards say the same.
 */
final class Narrowings {
  /** So many fit into the bits of a long. */
  static final int MOST = 64;

  private final Walk walk;
  private final ObjectReader objects;
  private final Programs programs;
  private final boolean usersAreKnown;
  private final Map<Processes, Narrowing> byProcesses = new LinkedHashMap<>();
  private final Map<Processes, String> absent = new LinkedHashMap<>();

  Narrowings(GuardPlan plan, Surroundings surroundings) {
    this.walk = surroundings.walk();
    this.objects = surroundings.objects();
    this.programs = surroundings.tools().programs();
    this.usersAreKnown = !new Owner(plan.target().pidFd()).users().isEmpty();
    Set<FilePath> asked = new HashSet<>();
    try {
      for (Guard guard : plan.guards()) {
        Processes processes = guard.processes();
        asked.addAll(processes.executables());
        if (!processes.equals(Processes.EVERYONE) && byProcesses.size() < MOST) {
          byProcesses.computeIfAbsent(processes, this::narrowing);
        }
      }
    } finally {
      walk.close();
    }
    programs.retain(asked);
  }

  private Narrowing narrowing(Processes processes) {
    List<Narrowing.Executable> executables = new ArrayList<>();
    List<FilePath> missing = new ArrayList<>();
    processes.executables().stream()
        .sorted(Comparator.comparing(FilePath::toString))
        .forEach(asked -> executables.add(find(asked, missing)));
    if (!missing.isEmpty()) {
      absent.put(processes, missing + " is not there: no process runs it before it is");
    }
    List<Long> uids = processes.uids().stream().map(Integer::toUnsignedLong).sorted().toList();
    return new Narrowing(byProcesses.size(), executables, uids);
  }

  private Narrowing.Executable find(FilePath asked, List<FilePath> missing) {
    FilePath path = asked;
    try (End end = walk.to(asked)) {
      if (end.fd() != null && objects.look(end.fd().number()) == 0) {
        programs.found(asked, objects.id(end.fd().number()));
        path = end.path();
      } else {
        missing.add(asked);
      }
    } catch (NativeException e) {
      missing.add(asked);
    }
    return new Narrowing.Executable(programs.at(asked), path.toByteArray());
  }

  /** Why a guard can't be told from whom it is about; empty if it can. */
  String refused(Guard guard) {
    Processes processes = guard.processes();
    if (processes.equals(Processes.EVERYONE)) {
      return "";
    }
    if (!usersAreKnown && !processes.uids().isEmpty()) {
      return "the users of the container can't be told: its process is gone";
    }
    return byProcesses.containsKey(processes)
        ? ""
        : "more than " + MOST + " different \"processes\" are asked for in one container";
  }

  /** Who a guard is about, or null for everyone. Only if it was not refused. */
  Narrowing of(Guard guard) {
    return byProcesses.get(guard.processes());
  }

  /** What is to be said of a guard though it is in force; empty if nothing is. */
  String note(Guard guard) {
    return absent.getOrDefault(guard.processes(), "");
  }

  List<Narrowing> all() {
    return List.copyOf(byProcesses.values());
  }
}
