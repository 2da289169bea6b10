package dev.custos.agent.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;

/**
 * Up to when an agent kept what the stored snapshot asks for: the time of a file beside it. So the
 * next run knows since when nobody did, however this one ended.
 */
public final class LifeSign {
  /** The file's name in the state folder. */
  static final String FILE = "alive";

  private final Path file;

  /** Touches nothing yet. */
  LifeSign(Path directory) {
    this.file = directory.resolve(FILE);
  }

  /**
   * The last sign; empty if there never was one.
   *
   * @throws IOException if it can't be known
   */
  public Optional<Instant> last() throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Says that everything is kept up to now. The folder must be there. */
  void give(Instant now) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.setLastModifiedTime(file, FileTime.from(now));
  }
}
