package dev.custos.fanotify;

import dev.custos.linux.DirectoryReader;
import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener.Access;
import dev.custos.spi.event.FilePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/**
 * Finds what a directory's guard covers: its children and, if it is recursive, its tree. Of a
 * denied directory each file is marked as well, so that a hard link that was made elsewhere does
 * not open it. A directory is known by its identity from the moment its name was read, so nothing
 * that takes its place meanwhile is taken for it. Not thread-safe.
 */
final class Tree {
  private static final int NAMED_LEFT_OUT = 3;

  private final Surroundings surroundings;
  private final ObjectReader objects;
  private final Taker taker;
  private final Supplier<String> limit;

  // Of the directory tree that is being looked at.
  private final Deque<Place> todo = new ArrayDeque<>();
  private final List<String> leftOut = new ArrayList<>();
  private int leftOutCount;
  private int noRoomDirectories;
  private int noRoomFiles;

  /** Takes in what was found; false if there is no room for it. */
  interface Taker {
    boolean take(Hold hold, int fd);
  }

  /** A directory whose children are to be looked at. */
  private record Place(ObjectId id, FilePath where, Cover cover, int depth) {}

  /**
   * What came of a look.
   *
   * @param complete whether all that can be guarded at all is
   * @param note what is left out, and why; or empty
   */
  record Result(boolean complete, String note) {}

  /**
   * A tree of a target.
   *
   * @param limit says which limit the taker has come to
   */
  Tree(Surroundings surroundings, Taker taker, Supplier<String> limit) {
    this.surroundings = surroundings;
    this.objects = surroundings.objects();
    this.taker = taker;
    this.limit = limit;
  }

  /** Covers what is in a directory; holds are added to {@code holds} too. */
  Result cover(FileDescriptor fd, ObjectId id, FilePath where, Cover cover, List<Hold> holds) {
    todo.clear();
    leftOut.clear();
    leftOutCount = 0;
    noRoomDirectories = 0;
    noRoomFiles = 0;
    look(new Place(id, where, cover, 0), fd, holds);
    for (Place place = todo.poll(); place != null; place = todo.poll()) {
      byte[] path = place.where().toByteArray();
      try (FileDescriptor open =
          surroundings
              .tools()
              .opener()
              .openInRoot(surroundings.target().rootFd(), path, Access.HANDLE)) {
        if (objects.look(open.number()) == 0 && objects.is(place.id(), open.number())) {
          look(place, open, holds);
        }
      } catch (NativeException gone) {
        if (gone.errno() != Errno.ENOENT) {
          leaveOut(place.where(), gone.getMessage());
        }
      }
    }
    return result();
  }

  private Result result() {
    List<String> notes = new ArrayList<>(leftOut);
    if (leftOutCount > leftOut.size()) {
      notes.add("and " + (leftOutCount - leftOut.size()) + " more");
    }
    if (noRoomDirectories > 0) {
      notes.add(noRoomDirectories + " directories in it are not guarded: " + limit.get());
    } else if (noRoomFiles > 0) {
      notes.add(noRoomFiles + " files in it are not guarded under other names: " + limit.get());
    }
    return new Result(noRoomDirectories == 0, String.join("; ", notes));
  }

  private void leaveOut(FilePath path, String reason) {
    leftOutCount++;
    if (leftOut.size() < NAMED_LEFT_OUT) {
      leftOut.add(path + " " + reason);
    }
  }

  /** Covers the children of one directory. */
  private void look(Place place, FileDescriptor directory, List<Hold> holds) {
    Hold children = Hold.children(place.id(), place.where(), place.cover());
    if (!taker.take(children, directory.number())) {
      noRoomDirectories++;
      return;
    }
    holds.add(children);
    Rule rule = place.cover().rule();
    if (!rule.deny() && !rule.guard().recursive()) {
      return;
    }
    surroundings.follow().everything(directory.number(), place.where());
    if (objects.look(directory.number()) != 0) {
      return;
    }
    long device = objects.status().device();
    long inode = objects.status().inode();
    surroundings.listings().begin(device, inode);
    try {
      list(place, directory.number(), holds);
    } finally {
      surroundings.listings().end(device, inode);
    }
  }

  private void list(Place place, int directory, List<Hold> holds) {
    long mount = surroundings.territory().mountOf(directory);
    int listing =
        surroundings
            .tools()
            .opener()
            .openChild(directory, new byte[] {'.'}, 0, 1, Access.DIRECTORY);
    if (listing < 0) {
      leaveOut(place.where(), "can't be read: " + Errno.name(-listing));
      return;
    }
    try (FileDescriptor open = new FileDescriptor(listing)) {
      DirectoryReader reader = surroundings.tools().directories();
      int n;
      while ((n = reader.fill(open.number())) > 0) {
        while (reader.next()) {
          child(
              place,
              directory,
              mount,
              FilePath.ofBytes(reader.name(), 0, reader.nameLength()),
              holds);
        }
      }
      if (n < 0 && n != -Errno.ENOENT) {
        leaveOut(place.where(), "can't be read: " + Errno.name(-n));
      }
    }
  }

  private void child(Place place, int directory, long mount, FilePath name, List<Hold> holds) {
    byte[] bytes = name.toByteArray();
    if (place.cover().ignores(bytes, 0, bytes.length)) {
      return;
    }
    int number =
        surroundings
            .tools()
            .opener()
            .openChild(directory, bytes, 0, bytes.length, Access.HANDLE_NOFOLLOW);
    if (number < 0) {
      // Gone again; whatever else it is, an access will meet it as well.
      return;
    }
    try (FileDescriptor fd = new FileDescriptor(number)) {
      if (objects.look(number) != 0) {
        return;
      }
      boolean isDirectory = objects.status().isDirectory();
      if (!isDirectory && !objects.status().isRegularFile()) {
        return;
      }
      boolean crossed = objects.status().mountId() != mount;
      FilePath where = place.where().resolve(name);
      if (crossed && isRefused(fd.number(), where)) {
        return;
      }
      boolean deeper = isDirectory && goesDeeper(place);
      if (deeper || crossed || (!isDirectory && place.cover().rule().deny())) {
        hold(place, fd.number(), where, name, deeper, holds);
      }
    }
  }

  private static boolean goesDeeper(Place place) {
    int most = place.cover().rule().guard().maxDepth();
    return place.cover().rule().guard().recursive() && (most == 0 || place.depth() < most);
  }

  private boolean isRefused(int fd, FilePath where) {
    String reason = surroundings.territory().refusal(fd);
    if (reason.isEmpty()) {
      reason = surroundings.territory().sharing(fd);
    }
    if (reason.isEmpty()) {
      return objects.look(fd) != 0;
    }
    leaveOut(where, reason);
    return true;
  }

  private void hold(
      Place place, int fd, FilePath where, FilePath name, boolean deeper, List<Hold> holds) {
    boolean isDirectory = objects.status().isDirectory();
    ObjectId id = objects.id(fd);
    Hold hold = Hold.itself(id, isDirectory, where, place.cover().rule());
    if (taker.take(hold, fd)) {
      holds.add(hold);
      if (deeper) {
        todo.add(new Place(id, where, place.cover().deeper(name), place.depth() + 1));
      }
    } else if (isDirectory) {
      noRoomDirectories++;
    } else {
      noRoomFiles++;
    }
  }
}
