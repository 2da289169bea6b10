package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.event.FilePath;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The marks of one group. Objects are opened again for each call, and only for as long: a
 * descriptor that stays open would keep its file system from being unmounted. Not thread-safe.
 */
final class Marks {
  private final FanotifyGroup group;
  private final PathOpener opener;
  private final ObjectReader objects;
  private final int rootFd;
  private final Map<ObjectId, Mark> placed = new LinkedHashMap<>();

  /** A mark in the kernel, and a path that led to its object when it was placed. */
  record Mark(long mask, FilePath path, Survey.Found object) {}

  Marks(FanotifyGroup group, PathOpener opener, ObjectReader objects, int rootFd) {
    this.group = group;
    this.opener = opener;
    this.objects = objects;
    this.rootFd = rootFd;
  }

  Map<ObjectId, Mark> placed() {
    return placed;
  }

  /**
   * Marks all of these objects. A mark that is there already is only added to, so its events have
   * no gap.
   *
   * @return why an object could not be marked
   */
  Map<ObjectId, String> place(Iterable<Survey.Found> wanted) {
    Map<ObjectId, String> failures = new HashMap<>();
    for (Survey.Found object : wanted) {
      String failure = place(object);
      if (!failure.isEmpty()) {
        failures.put(object.id, failure);
      }
    }
    return failures;
  }

  private String place(Survey.Found object) {
    long mask = mask(object);
    Mark old = placed.get(object.id);
    try (FileDescriptor fd = open(object.asked)) {
      if (!isStill(object.id, fd)) {
        return "was replaced while it was being guarded; the next plan finds the new one";
      }
      int errno = group.add(fd.number(), mask);
      if (errno != 0) {
        return new NativeException("fanotify_mark", object.asked.toString(), errno).getMessage();
      }
      long tooMuch = old == null ? 0 : old.mask() & ~mask;
      if (tooMuch != 0) {
        group.remove(fd.number(), tooMuch);
      }
      placed.put(object.id, new Mark(mask, object.asked, object));
      return "";
    } catch (NativeException e) {
      return e.getMessage();
    }
  }

  private static long mask(Survey.Found object) {
    long mask = Fanotify.mask(object.kinds());
    return object.directory ? mask | Fanotify.EVENT_ON_CHILD | Fanotify.ONDIR : mask;
  }

  /**
   * Removes the mark of an object.
   *
   * @return false if the object is not where it was, so that its mark can't be reached
   */
  boolean remove(ObjectId id) {
    Mark mark = placed.get(id);
    try (FileDescriptor fd = open(mark.path())) {
      if (!isStill(id, fd)) {
        return false;
      }
      int errno = group.remove(fd.number(), mark.mask());
      // ENOENT: it went with its object.
      return errno == 0 || errno == Errno.ENOENT;
    } catch (NativeException gone) {
      return false;
    } finally {
      placed.remove(id);
    }
  }

  private FileDescriptor open(FilePath path) throws NativeException {
    return opener.openInRoot(rootFd, path.toByteArray(), Access.HANDLE);
  }

  private boolean isStill(ObjectId id, FileDescriptor fd) {
    return objects.look(fd.number()) == 0 && objects.is(id, fd.number());
  }
}
