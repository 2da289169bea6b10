package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * The directory of one spool: nobody else's, writable for nobody else, and held by one agent at a
 * time by a lock of fcntl(2), which ends with the process however that ends.
 */
final class SpoolDirectory implements AutoCloseable {
  static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final int S_IFMT = 0xf000;
  private static final int S_IFLNK = 0xa000;
  private static final int S_IFDIR = 0x4000;
  private static final int STICKY = 01000;
  private static final int WRITABLE_FOR_OTHERS = 0022;
  private static final int ANYTHING_FOR_OTHERS = 0077;

  private final Path path;
  private final FileChannel lockFile;

  private SpoolDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Makes the directory if need be, and takes it.
   *
   * @throws SpoolRefusedException if it is unsafe or another agent's
   */
  static SpoolDirectory open(Path directory) throws IOException, SpoolRefusedException {
    Path named = directory.toAbsolutePath().normalize();
    create(named);
    // Links above are followed once, so that what is checked is what is used.
    Path path = named.getParent() == null ? named : real(named);
    int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    check(path, self);
    for (Path above = path.getParent(); above != null; above = above.getParent()) {
      checkAbove(above, self);
    }
    Path file = path.resolve("lock");
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS),
              FILE_MODE);
    } catch (java.nio.file.AccessDeniedException e) {
      throw new SpoolRefusedException(file + " can't be opened: permission denied");
    }
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new SpoolRefusedException(
            path + " is in use by another agent; give each its own directory");
      }
      return new SpoolDirectory(path, channel);
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new SpoolRefusedException(
          path + " is in use by another sink of this agent; give each its own directory");
    } catch (IOException | SpoolRefusedException e) {
      channel.close();
      throw e;
    }
  }

  private static void create(Path path) throws IOException, SpoolRefusedException {
    try {
      if (path.getParent() != null) {
        Files.createDirectories(path.getParent(), DIRECTORY_MODE);
      }
      Files.createDirectory(path, DIRECTORY_MODE);
    } catch (FileAlreadyExistsException e) {
      if (!e.getFile().equals(path.toString())) {
        throw new SpoolRefusedException(e.getFile() + " is not a directory");
      }
    } catch (java.nio.file.AccessDeniedException | java.nio.file.NotDirectoryException e) {
      throw new SpoolRefusedException(path + " can't be made: " + e.getMessage());
    }
  }

  private static Path real(Path named) throws IOException {
    return named.getParent().toRealPath().resolve(named.getFileName());
  }

  private static void check(Path path, int self) throws IOException, SpoolRefusedException {
    Map<String, Object> attributes = attributes(path);
    int mode = (Integer) attributes.get("mode");
    int owner = (Integer) attributes.get("uid");
    if ((mode & S_IFMT) == S_IFLNK) {
      throw new SpoolRefusedException(
          path + " is a symbolic link; name the directory that it leads to");
    }
    if ((mode & S_IFMT) != S_IFDIR) {
      throw new SpoolRefusedException(path + " is not a directory");
    }
    if (owner != self) {
      throw new SpoolRefusedException(
          path
              + " belongs to user "
              + owner
              + ", and the agent runs as "
              + self
              + "; give it to the agent's user or name another");
    }
    if ((mode & ANYTHING_FOR_OTHERS) != 0) {
      throw new SpoolRefusedException(
          path + " is open to others, its mode is " + octal(mode) + "; chmod 700 it");
    }
  }

  /**
   * Whoever can rename a directory above could put another one in the spool's place. A pod's own
   * volume is open to all within the pod, who are one owner's.
   */
  private static void checkAbove(Path path, int self) throws IOException, SpoolRefusedException {
    Map<String, Object> attributes = attributes(path);
    int mode = (Integer) attributes.get("mode");
    int owner = (Integer) attributes.get("uid");
    boolean shared = (mode & WRITABLE_FOR_OTHERS) != 0 && (mode & STICKY) == 0;
    if (shared && (mode & S_IFMT) == S_IFDIR && !PodVolume.isEmptyDir(path)) {
      throw new SpoolRefusedException(
          path
              + ", above the spool, can be written by others, its mode is "
              + octal(mode)
              + "; put the spool elsewhere, or chmod go-w it");
    }
    if (owner != self && owner != 0) {
      throw new SpoolRefusedException(
          path + ", above the spool, belongs to user " + owner + "; put the spool elsewhere");
    }
  }

  private static Map<String, Object> attributes(Path path)
      throws IOException, SpoolRefusedException {
    try {
      return Files.readAttributes(path, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw new SpoolRefusedException(path + " is not there");
    }
  }

  private static String octal(int mode) {
    return String.format("%04o", mode & 07777);
  }

  Path path() {
    return path;
  }

  /** Makes names that were added or removed last: fsync(2) of a file alone does not. */
  void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Gives it free. The lock's file stays: removing it would race with who opens it. */
  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
