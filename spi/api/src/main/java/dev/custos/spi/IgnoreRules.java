package dev.custos.spi;

import dev.custos.spi.event.FilePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a recursive watch or guard leaves out, for backends to ask. A rule without {@code *}, {@code
 * ?}, {@code [} or {@code /} is a name, compared byte by byte. With one of the first three it is a
 * glob(7) on the name. With a slash it is compared, as a glob, with the path below the subject.
 * Globs work on bytes: {@code ?} is one byte, and neither wildcard ever matches a slash. Immutable,
 * and asking makes no object.
 */
public final class IgnoreRules {
  private static final byte[][] NONE = {};

  // Arrays, and one for all that have none: most rules are of watches that leave out nothing, of
  // which there are thousands.
  private final byte[][] names;
  private final byte[][] globs;
  private final byte[][] paths;

  /** The rules of a watch or guard of this path. */
  public IgnoreRules(List<String> rules, FilePath subject) {
    if (rules.isEmpty()) {
      names = NONE;
      globs = NONE;
      paths = NONE;
      return;
    }
    List<byte[]> names = new ArrayList<>();
    List<byte[]> globs = new ArrayList<>();
    List<byte[]> paths = new ArrayList<>();
    String prefix = subject.text().endsWith("/") ? subject.text() : subject.text() + "/";
    for (String rule : rules) {
      String trimmed = rule.endsWith("/") ? rule.substring(0, rule.length() - 1) : rule;
      // The reference's users may give whole paths: what is below the subject is taken as such.
      String below = trimmed.startsWith(prefix) ? trimmed.substring(prefix.length()) : trimmed;
      byte[] bytes = below.getBytes(StandardCharsets.UTF_8);
      if (below.indexOf('/') >= 0) {
        paths.add(below.startsWith("/") ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
      } else if (below.length() < trimmed.length()) {
        paths.add(bytes);
      } else if (below.indexOf('*') >= 0 || below.indexOf('?') >= 0 || below.indexOf('[') >= 0) {
        globs.add(bytes);
      } else {
        names.add(bytes);
      }
    }
    this.names = names.toArray(NONE);
    this.globs = globs.toArray(NONE);
    this.paths = paths.toArray(NONE);
  }

  public boolean isEmpty() {
    return names.length == 0 && globs.length == 0 && paths.length == 0;
  }

  /** Whether {@link #matchesPath} has anything to compare with. */
  public boolean hasPaths() {
    return paths.length > 0;
  }

  /** Whether a name is left out wherever it is. */
  public boolean matchesName(byte[] name, int offset, int length) {
    for (byte[] rule : names) {
      if (Arrays.equals(rule, 0, rule.length, name, offset, offset + length)) {
        return true;
      }
    }
    for (byte[] rule : globs) {
      if (Glob.matches(rule, name, offset, length)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a path below the subject, without a slash at its start, is left out. */
  public boolean matchesPath(byte[] path, int offset, int length) {
    for (byte[] rule : paths) {
      if (Glob.matches(rule, path, offset, length)) {
        return true;
      }
    }
    return false;
  }
}
