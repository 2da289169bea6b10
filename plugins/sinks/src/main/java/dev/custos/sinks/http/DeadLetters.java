package dev.custos.sinks.http;

import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.SinkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file of the events that a server refused, each with the server's answer, a JSON object per
 * line.
 *
 * <p>Two files at most: when {@code NAME.jsonl} has grown to half of what is allowed it becomes
 * {@code NAME.jsonl.1}, in place of the one that had that name. They are open for their owner
 * alone, because answers and names of files are nobody else's business.
 */
final class DeadLetters {
  /** How many bytes are gathered for one write(2). */
  private static final int CHUNK = 256 * 1024;

  private static final Set<PosixFilePermission> FORBIDDEN =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  // A link that somebody put there would have the agent write to a file of their choice.
  private static final Set<OpenOption> APPEND =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);

  private final Path directory;
  private final Path file;
  private final Path older;
  private final String sink;
  private final long most;
  private final Clock clock;
  private final JsonBuffer out = new JsonBuffer(1024);
  private final EventJson json = new EventJson(out);

  /**
   * Makes it; touches nothing yet.
   *
   * @param most how many bytes all files of this sink may have
   */
  DeadLetters(Path directory, String sink, long most, Clock clock) {
    this.directory = directory;
    this.sink = sink;
    this.most = most;
    this.clock = clock;
    this.file = directory.resolve(fileName(sink) + ".jsonl");
    this.older = directory.resolve(fileName(sink) + ".jsonl.1");
  }

  /** A sink's name as one part of a path: what is no letter, digit, - or _ becomes %XX. */
  private static String fileName(String sink) {
    StringBuilder name = new StringBuilder();
    for (byte b : sink.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_';
      if (plain) {
        name.append(c);
      } else {
        name.append('%')
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      }
    }
    // NAME_MAX is 255, and the longest suffix is 8.
    return name.length() > 200 ? name.substring(0, 200) : name.toString();
  }

  /** Refuses a directory that is there and not safe to write to. */
  void check() throws SinkException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Optional<String> fault = unsafe();
      if (fault.isPresent()) {
        throw SinkException.permanent(
            "sink " + sink + ": dead-letter.directory: " + fault.get(), null);
      }
    }
  }

  /**
   * Keeps events that were refused. On return they are on the disk.
   *
   * @param answer what the server said; none if the sink itself refused
   * @param reasons why, for each of the events; escaped
   * @return what is wrong, if they could not be kept; escaped
   */
  Optional<String> add(List<RenderedEvent> events, Optional<Answer> answer, List<String> reasons) {
    try {
      Optional<String> fault = unsafe();
      if (fault.isPresent()) {
        return fault;
      }
      out.truncate(0);
      for (int i = 0; i < events.size(); i++) {
        letter(events.get(i), answer, reasons.get(i));
        if (out.length() >= CHUNK || i == events.size() - 1) {
          append();
          out.truncate(0);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(Printable.escape(file.toString()) + ": " + describe(e));
    }
  }

  private void letter(RenderedEvent event, Optional<Answer> answer, String reason) {
    out.raw("{\"time\":").string(clock.instant().toString()).raw(",\"sink\":").string(sink);
    out.raw(",\"id\":").string(event.key());
    answer.ifPresent(
        a -> out.raw(",\"status\":").number(a.status()).raw(",\"answer\":").string(a.excerpt()));
    out.raw(",\"reason\":").string(reason).raw(",\"event\":");
    json.append(event);
    // The event brought a line end of its own.
    out.truncate(out.length() - 1);
    out.raw("}\n");
  }

  private void append() throws IOException {
    if (out.length() > most / 2) {
      throw new IOException("the record is larger than half of dead-letter.max-bytes");
    }
    try {
      PosixFileAttributes old =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!old.isRegularFile()) {
        throw new IOException("is no regular file");
      }
      if (old.size() + out.length() > most / 2) {
        Files.move(file, older, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (NoSuchFileException e) {
      // The first letter makes it.
    }
    try (FileChannel channel = FileChannel.open(file, APPEND, OWNER_FILE)) {
      long end = channel.size();
      channel.position(end);
      // A crash may have left a line without its end; it must not spoil the next one.
      ByteBuffer last = ByteBuffer.allocate(1);
      if (end > 0 && channel.read(last, end - 1) == 1 && last.get(0) != '\n') {
        writeAll(channel, ByteBuffer.wrap(new byte[] {'\n'}));
      }
      writeAll(channel, ByteBuffer.wrap(out.array(), 0, out.length()));
      channel.force(false);
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Makes the directory if there is none. What is wrong with the one that is there, if anything.
   */
  private Optional<String> unsafe() {
    String name = Printable.escape(directory.toString());
    try {
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(directory.getParent());
        try {
          Files.createDirectory(directory, OWNER_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
          // Another sink was faster; what it made is looked at like any other.
        }
      }
      PosixFileAttributes found =
          Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!found.isDirectory()) {
        return Optional.of(name + " is no directory");
      }
      if (found.permissions().stream().anyMatch(FORBIDDEN::contains)) {
        return Optional.of(name + " can be written by others; chmod 0700 it");
      }
      Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      Object owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      if (!self.equals(owner)) {
        return Optional.of(name + " belongs to another user; choose a directory of the agent's");
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(name + ": " + describe(e));
    }
  }

  private static String describe(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : Printable.escape(e.getMessage());
  }
}
