package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.spi.Target;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a target is like at the moment of a look, and what it is looked at with.
 *
 * @param follow takes note of where a change would matter
 * @param listings takes note of the directories that are read
 */
record Surroundings(
    Target target,
    Toolbox tools,
    Territory territory,
    Follow follow,
    GuardSettings settings,
    OwnListings listings,
    WholeMounts wholes) {
  private static final Path OF_INIT = Path.of("/proc/1/mountinfo");

  /** Reads the mount tables anew. */
  static Surroundings of(
      Target target, Toolbox tools, Follow follow, GuardSettings settings, OwnListings listings)
      throws NativeException {
    Mounts own = read(target.mountTable());
    Mounts hosts = read(OF_INIT);
    Territory territory = new Territory(target.rootFd(), own, hosts, settings);
    WholeMounts wholes = new WholeMounts(target.rootFd(), own, hosts, settings);
    return new Surroundings(target, tools, territory, follow, settings, listings, wholes);
  }

  /** For one look whose result is not kept up to date. */
  static Surroundings unfollowed(Target target) throws NativeException {
    return of(target, Toolbox.open(), Follow.NOTHING, GuardSettings.DEFAULTS, new OwnListings());
  }

  private static Mounts read(Path table) throws NativeException {
    try {
      return Mounts.read(table);
    } catch (IOException e) {
      throw new NativeException("read", table.toString(), Errno.EIO);
    }
  }

  Walk walk() {
    return new Walk(target.rootFd(), tools.opener(), tools.objects(), territory, follow);
  }

  ObjectReader objects() {
    return tools.objects();
  }

  /** Which file system a descriptor is on. */
  long superBlock(int fd) {
    int errno = tools.objects().look(fd);
    return tools.superBlock().of(fd, errno == 0 ? tools.objects().status().device() : 0);
  }
}
