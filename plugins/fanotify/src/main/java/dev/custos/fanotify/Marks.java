package dev.custos.fanotify;

import dev.custos.fanotify.Survey.Whole;
import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.event.FilePath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The marks of one group. Objects are opened again for each call, and only for as long: a
 * descriptor that stays open would keep its file system from being unmounted. Not thread-safe.
 */
final class Marks {
  private static final String REPLACED = "was replaced while it was being guarded";

  private final FanotifyGroup group;
  private final Toolbox tools;
  private final int rootFd;
  private final Map<ObjectId, Mark> placed = new LinkedHashMap<>();
  // Whose marks could not be removed. A mark goes with its object, so an object may be gone as
  // well.
  private final Map<ObjectId, Found> orphans = new LinkedHashMap<>();
  private final Map<Long, WholeMark> wholes = new LinkedHashMap<>();

  /** A mark in the kernel, and its object as it was found when it was placed. */
  record Mark(long mask, Found object) {}

  private record WholeMark(long mask, FilePath where) {}

  Marks(FanotifyGroup group, Toolbox tools, int rootFd) {
    this.group = group;
    this.tools = tools;
    this.rootFd = rootFd;
  }

  Map<ObjectId, Mark> placed() {
    return placed;
  }

  int count() {
    return placed.size() + wholes.size();
  }

  /** All marks are gone from the kernel. */
  void forgetAll() {
    placed.clear();
    orphans.clear();
    wholes.clear();
  }

  /**
   * Marks all of these objects. A mark that is there already is only added to, so its events have
   * no gap.
   *
   * @param sure whether marks that were placed are certainly there still: an unmount takes them
   * @return why an object could not be marked
   */
  Map<ObjectId, String> place(Iterable<Found> wanted, boolean sure) {
    Map<ObjectId, String> failures = new HashMap<>();
    for (Found object : wanted) {
      Mark old = placed.get(object.id);
      long mask = object.mask();
      // Without a handle a number that was used again could not be told from this one.
      if (sure && old != null && old.mask() == mask && object.id.handleLength() > 0) {
        placed.put(object.id, new Mark(mask, object));
        continue;
      }
      String failure = place(object, mask, old);
      if (!failure.isEmpty()) {
        failures.put(object.id, failure);
      }
    }
    return failures;
  }

  private String place(Found object, long mask, Mark old) {
    try (FileDescriptor fd = open(object.where)) {
      if (!isStill(object.id, fd)) {
        return REPLACED;
      }
      int errno = group.add(fd.number(), mask);
      if (errno != 0) {
        return new NativeException("fanotify_mark", object.where.toString(), errno).getMessage();
      }
      long had = old == null ? 0 : old.mask();
      if (orphans.remove(object.id) != null) {
        had = Fanotify.EVERYTHING;
      }
      if ((had & ~mask) != 0) {
        group.remove(fd.number(), had & ~mask);
      }
      placed.put(object.id, new Mark(mask, object));
      return "";
    } catch (NativeException e) {
      return e.errno() == Errno.ENOENT ? REPLACED : e.getMessage();
    }
  }

  /** Whether an object could not be marked because it went away meanwhile. */
  static boolean isReplaced(String failure) {
    return failure.equals(REPLACED);
  }

  /** Objects that are still asked about although they were let go of, as far as is known. */
  Map<ObjectId, Found> orphans() {
    return orphans;
  }

  /** Removes the mark of an object; what is not where it was can't be reached and is an orphan. */
  void remove(ObjectId id) {
    Mark mark = placed.remove(id);
    if (mark != null && !isRemoved(mark.object())) {
      orphans.put(id, mark.object());
    }
  }

  private boolean isRemoved(Found object) {
    try (FileDescriptor fd = open(object.where)) {
      if (!isStill(object.id, fd)) {
        return false;
      }
      int errno = group.remove(fd.number(), Fanotify.EVERYTHING);
      // ENOENT: it went with its object.
      return errno == 0 || errno == Errno.ENOENT;
    } catch (NativeException gone) {
      return false;
    }
  }

  /**
   * Marks these file systems as wholes.
   *
   * @return why one could not be marked
   */
  Map<Long, String> placeWholes(Map<Long, Whole> wanted) {
    Map<Long, String> failures = new HashMap<>();
    for (Whole whole : wanted.values()) {
      try (FileDescriptor fd = open(whole.where())) {
        long mask = whole.mask();
        WholeMark old = wholes.get(whole.superBlock());
        int errno = group.addWhole(fd.number(), mask);
        if (errno != 0) {
          throw new NativeException("fanotify_mark", whole.where().toString(), errno);
        }
        if (old != null && (old.mask() & ~mask) != 0) {
          group.removeWhole(fd.number(), old.mask() & ~mask);
        }
        wholes.put(whole.superBlock(), new WholeMark(mask, whole.where()));
      } catch (NativeException e) {
        failures.put(whole.superBlock(), e.getMessage());
      }
    }
    return failures;
  }

  /** The file systems that are marked, and are not to be. */
  Set<Long> lostWholes(Map<Long, Whole> wanted) {
    Set<Long> lost = new HashSet<>(wholes.keySet());
    lost.removeAll(wanted.keySet());
    return lost;
  }

  /** Removes the marks of all other file systems, as far as a path leads to them still. */
  void removeWholesBut(Map<Long, Whole> wanted) {
    for (Long block : lostWholes(wanted)) {
      if (removeWhole(block, wholes.get(block))) {
        wholes.remove(block);
      }
    }
  }

  private boolean removeWhole(long block, WholeMark mark) {
    try (FileDescriptor fd = open(mark.where())) {
      int known = tools.objects().look(fd.number());
      long device = known == 0 ? tools.objects().status().device() : 0;
      if (tools.superBlock().of(fd.number(), device) != block) {
        return false;
      }
      group.removeWhole(fd.number(), mark.mask());
      return true;
    } catch (NativeException unmounted) {
      // The mark stays with whoever has the file system still; the rules let them pass.
      return false;
    }
  }

  private FileDescriptor open(FilePath path) throws NativeException {
    return tools.opener().openInRoot(rootFd, path.toByteArray(), Access.HANDLE);
  }

  private boolean isStill(ObjectId id, FileDescriptor fd) {
    return tools.objects().look(fd.number()) == 0 && tools.objects().is(id, fd.number());
  }
}
