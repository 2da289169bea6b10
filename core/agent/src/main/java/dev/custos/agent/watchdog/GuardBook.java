package dev.custos.agent.watchdog;

import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Remembers which plans were in force when runs of the agent ended otherwise than in order, beyond
 * the life of the launcher, which counts the same. Thread-safe.
 *
 * <p>Each run has a file of its own in the state folder, holds a lock on it (fcntl(2)) and writes a
 * line before a plan comes into force and after one is gone. The kernel takes the lock away when
 * the run ends, however that happens: so the next one knows whose files are left, takes over what
 * they say, and removes them. A run that the end of the kernel ended is no fault of a plan.
 */
final class GuardBook implements AutoCloseable {
  /** How often a plan may be in force at such an end, and within which time. */
  static final int MOST_KILLS = 3;

  static final Duration WINDOW = Duration.ofMinutes(10);

  /** The folder in the state folder. */
  static final String FOLDER = "guards";

  private static final int MOST_QUARANTINED = 1000;
  private static final int LONGEST = 4 << 20;
  // Then the lines are written anew, without the plans that are gone.
  private static final int LONG = 1 << 20;
  private static final FileAttribute<?> PRIVATE = permissions("rw-------");

  private final Path folder;
  private final Consumer<String> warn;
  private final String boot;
  private final String run = UUID.randomUUID().toString();
  private final List<RunRecord.Kill> kills = new ArrayList<>();
  private final Set<String> quarantined = new LinkedHashSet<>();
  private final Set<String> plans = new LinkedHashSet<>();
  private final Path file;
  private FileChannel channel;

  private GuardBook(Path state, String boot, Consumer<String> warn) {
    this.folder = state.resolve(FOLDER);
    this.file = folder.resolve(run + ".run");
    this.boot = boot;
    this.warn = warn;
  }

  /**
   * Takes over what runs before this one left. If that can't be read or kept, it is said, and this
   * goes on without.
   *
   * @param state the state folder, made if it is not there
   * @param known digests of plans that the launcher says are quarantined
   */
  static GuardBook open(Path state, Set<String> known, Instant now, Consumer<String> warn) {
    return open(state, known, now, bootId(), warn);
  }

  static GuardBook open(
      Path state, Set<String> known, Instant now, String boot, Consumer<String> warn) {
    GuardBook book = new GuardBook(state, boot, warn);
    try {
      book.begin(known, now);
    } catch (IOException e) {
      book.quarantined.addAll(known);
      book.forget(e);
    }
    return book;
  }

  private static String bootId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      // Never equal to any: then nothing is counted that may have been a reboot.
      return "unknown-" + UUID.randomUUID();
    }
  }

  private static FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  private synchronized void begin(Set<String> known, Instant now) throws IOException {
    Files.createDirectories(folder, permissions("rwx------"));
    List<Path> over = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.run")) {
      for (Path one : files) {
        if (take(one, now)) {
          over.add(one);
        }
      }
    }
    kills.removeIf(kill -> !isRecent(kill, now));
    for (RunRecord.Kill kill : kills) {
      if (kills.stream().filter(k -> k.digest().equals(kill.digest())).count() >= MOST_KILLS) {
        quarantined.add(kill.digest());
      }
    }
    quarantined.addAll(known);
    while (quarantined.size() > MOST_QUARANTINED) {
      quarantined.remove(quarantined.iterator().next());
    }
    // Under its name only when it is locked and whole.
    Path fresh = folder.resolve(run + ".new");
    channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), PRIVATE);
    if (channel.tryLock() == null) {
      throw new IOException(fresh + " can't be locked");
    }
    write(all());
    if (!kills.isEmpty() || !quarantined.isEmpty()) {
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    for (Path one : over) {
      Files.deleteIfExists(one);
    }
  }

  private static boolean isRecent(RunRecord.Kill kill, Instant now) {
    return Math.abs(now.getEpochSecond() - kill.second()) < WINDOW.toSeconds();
  }

  /** Takes over what a run's file says. Returns whether that run is over. */
  private boolean take(Path one, Instant now) throws IOException {
    if (!isOurs(one)) {
      warn.accept(
          "not believed, because others than its owner can change it, or it is no file: "
              + Printable.escape(one.toString()));
      return false;
    }
    try (FileChannel theirs =
        FileChannel.open(
            one, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      boolean over = isOver(theirs);
      RunRecord record = RunRecord.decode(read(theirs));
      if (record.damaged()) {
        warn.accept("damaged, and only read up to there: " + Printable.escape(one.toString()));
      }
      // Another one that begins now may have taken it over already, and that counts once.
      record.kills().forEach(this::count);
      quarantined.addAll(record.quarantined());
      if (over && !record.ended() && record.boot().equals(boot)) {
        for (String digest : record.plans()) {
          count(new RunRecord.Kill(now.getEpochSecond(), record.run(), digest));
        }
      }
      return over;
    } catch (NoSuchFileException e) {
      // Its run has just ended in order, or another one has taken it over.
      return false;
    }
  }

  private void count(RunRecord.Kill kill) {
    if (kills.stream().noneMatch(kill::isSame)) {
      kills.add(kill);
    }
  }

  private static boolean isOurs(Path one) throws IOException {
    PosixFileAttributes attributes;
    try {
      attributes = Files.readAttributes(one, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return true;
    }
    Set<PosixFilePermission> permissions = attributes.permissions();
    return attributes.isRegularFile()
        && !permissions.contains(PosixFilePermission.GROUP_WRITE)
        && !permissions.contains(PosixFilePermission.OTHERS_WRITE);
  }

  private static boolean isOver(FileChannel theirs) throws IOException {
    try {
      FileLock lock = theirs.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // A run of this process.
      return false;
    }
  }

  private static ByteBuffer read(FileChannel theirs) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) Math.min(theirs.size(), LONGEST));
    while (content.hasRemaining() && theirs.read(content) >= 0) {
      // Goes on to the end.
    }
    return content.flip();
  }

  private List<String> all() {
    List<String> lines = new ArrayList<>();
    lines.add(RunRecord.run(run, boot));
    kills.forEach(kill -> lines.add(RunRecord.kill(kill)));
    quarantined.forEach(digest -> lines.add(RunRecord.quarantined(digest)));
    plans.forEach(digest -> lines.add(RunRecord.plan(digest)));
    return lines;
  }

  private void write(List<String> lines) throws IOException {
    ByteBuffer content = RunRecord.encode(lines);
    while (content.hasRemaining()) {
      channel.write(content);
    }
  }

  private void add(String line) {
    if (channel == null) {
      return;
    }
    try {
      if (channel.position() > LONG) {
        channel.truncate(0);
        write(all());
      } else {
        write(List.of(line));
      }
    } catch (IOException e) {
      forget(e);
    }
  }

  private void forget(IOException e) {
    warn.accept(
        "in "
            + Printable.escape(folder.toString())
            + " it can't be kept which plans are in force: when custos is started anew it does not"
            + " know which of them the agent was ended with: "
            + Printable.escape(String.valueOf(e.getMessage())));
    close();
  }

  boolean isQuarantined(String digest) {
    return quarantined.contains(digest);
  }

  /** Where it is kept; what is removed to have it forgotten. */
  Path folder() {
    return folder;
  }

  /** A plan is about to be in force. */
  synchronized void inForce(String digest) {
    if (plans.add(digest)) {
      add(RunRecord.plan(digest));
    }
  }

  synchronized void gone(String digest) {
    if (plans.remove(digest)) {
      add(RunRecord.gone(digest));
    }
  }

  /** The run ends in order: no plan is to be blamed for it. */
  synchronized void end() {
    if (channel == null) {
      return;
    }
    add(RunRecord.ENDED);
    close();
    if (kills.isEmpty() && quarantined.isEmpty()) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        warn.accept(Printable.escape(file.toString()) + " can't be removed: " + e.getMessage());
      }
    }
  }

  /** Lets go of the file, as the kernel does at the end of a run. */
  @Override
  public synchronized void close() {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      warn.accept(Printable.escape(file.toString()) + " can't be closed: " + e.getMessage());
    }
    channel = null;
  }
}
