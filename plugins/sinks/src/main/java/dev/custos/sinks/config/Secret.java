package dev.custos.sinks.config;

import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.SinkException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A password or token that stands in a file or in an environment variable, never in the
 * configuration itself. Nothing but {@link #value} gives it away: {@code toString}, errors and
 * equality know only where it is. Immutable and thread-safe.
 */
public final class Secret {
  /** What a file may hold, in bytes: far more than any token, far less than a wrong file. */
  private static final int LONGEST = 64 * 1024;

  private final String key;
  private final Path file;
  private final String variable;
  private final String fixed;

  private Secret(String key, Path file, String variable, String fixed) {
    this.key = key;
    this.file = file;
    this.variable = variable;
    this.fixed = fixed;
  }

  /**
   * The content of a file, without a line end at its end.
   *
   * @param key the setting that names the file; errors begin with it
   */
  public static Secret ofFile(String key, Path file) {
    return new Secret(key, Objects.requireNonNull(file, "file"), null, null);
  }

  /**
   * The value of a variable in the environment that the process was started with.
   *
   * @param key the setting that names the variable; errors begin with it
   * @throws SinkException permanent, if there is none or it is no text of one line
   */
  public static Secret ofEnvironment(String key, String name, Map<String, String> environment)
      throws SinkException {
    String place = "environment variable " + Printable.escape(name);
    String value = environment.get(name);
    if (value == null) {
      throw SinkException.permanent(key + ": there is no " + place, null);
    }
    return new Secret(key, null, name, checked(key, place, value));
  }

  /**
   * The secret as it is now: a file is read at each call, so that a change of it holds from the
   * next use on, with no time in between at which a stale value is used.
   *
   * @throws SinkException temporary, if the file can't be read or holds no text of one line; the
   *     message tells which file, and nothing of its content
   */
  public String value() throws SinkException {
    if (fixed != null) {
      return fixed;
    }
    String place = toString();
    byte[] bytes;
    try {
      // A pipe or a device would block, or never end.
      if (!Files.isRegularFile(file)) {
        String fault = Files.exists(file) ? "is no regular file" : "does not exist";
        throw SinkException.temporary(key + ": " + place + " " + fault, null);
      }
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(LONGEST + 1);
      }
    } catch (IOException e) {
      throw SinkException.temporary(key + ": " + place + " " + fault(e), e);
    }
    if (bytes.length > LONGEST) {
      throw SinkException.temporary(
          key + ": " + place + " holds more than " + LONGEST + " bytes, which is no secret", null);
    }
    return checked(key, place, text(key, place, bytes));
  }

  private static String fault(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "may not be read by this user";
    }
    return e instanceof NoSuchFileException ? "does not exist" : "can't be read";
  }

  private static String text(String key, String place, byte[] bytes) throws SinkException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      // Without the cause: its message may tell of the content.
      throw SinkException.temporary(key + ": " + place + " holds no UTF-8 text", null);
    }
  }

  private static String checked(String key, String place, String raw) throws SinkException {
    String value = raw;
    if (value.endsWith("\n")) {
      value = value.substring(0, value.length() - (value.endsWith("\r\n") ? 2 : 1));
    }
    if (value.isEmpty()) {
      throw SinkException.temporary(key + ": " + place + " is empty", null);
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw SinkException.temporary(
          key + ": " + place + " holds more than one line, or a control character", null);
    }
    return value;
  }

  /** Where the secret is: {@code file /etc/custos/token}. */
  @Override
  public String toString() {
    return file != null
        ? "file " + Printable.escape(file.toString())
        : "environment variable " + Printable.escape(variable);
  }
}
