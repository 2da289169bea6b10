package dev.custos.spi.watch;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.Subject;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * One path that one subject wants watched. A directory covers itself and its direct children.
 *
 * @param path absolute, as the target sees it; symbolic links are followed below the target's root
 * @param kinds what to report; backends may ask the kernel for more, but publish nothing else
 * @param recursive whether the tree below the path is kept watched, also as it changes
 * @param maxDepth how many levels below the path a recursive watch goes; 0 means without limit
 * @param ignore what is left out: a name, compared literally; with {@code *}, {@code ?} or {@code
 *     [} a glob on the name; with {@code /} on the path below {@code path}
 * @param onlyDir watch only if the path is a directory
 * @param followMove go on under the new location after the path itself was moved
 */
public record Watch(
    Subject subject,
    FilePath path,
    Set<ChangeKind> kinds,
    boolean recursive,
    int maxDepth,
    List<String> ignore,
    boolean onlyDir,
    boolean followMove) {
  public Watch {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(path, "path");
    kinds = Set.copyOf(kinds);
    ignore = List.copyOf(ignore);
    if (path.isEmpty() || path.byteAt(0) != '/') {
      throw new IllegalArgumentException("not an absolute path: " + path);
    }
    if (maxDepth < 0) {
      throw new IllegalArgumentException("maxDepth is negative: " + maxDepth);
    }
  }
}
