package dev.custos.fanotify;

import dev.custos.spi.IgnoreRules;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rules of guards, said plainly: lists of what each rule is about, made by looking at the tree
 * with the JDK and asked one by one. Knows nothing of marks, handles or events.
 */
final class RuleModel {
  private final Path root;
  private final Set<Path> mounts;
  private List<Row> rows = List.of();
  private final List<Row> kept = new ArrayList<>();

  /** What a rule is about: an object, the children of one, or one name in it. */
  private record About(Object object, String role, String name, IgnoreRules ignore, String below) {}

  /** A path of a guard, what it leads to, and all that its rule is about. */
  private record Row(Guard guard, boolean deny, FilePath path, Object object, List<About> abouts) {}

  RuleModel(Path root, Set<Path> mounts) {
    this.root = root;
    this.mounts = mounts;
  }

  /** Looks at the tree as it is. */
  void look(List<Guard> guards) {
    List<Row> now = new ArrayList<>();
    for (Guard guard : guards) {
      guard.allow().forEach(path -> now.add(row(guard, false, path)));
      guard.deny().forEach(path -> now.add(row(guard, true, path)));
    }
    for (Row last : rows) {
      Row next = last.deny() && last.object() != null ? sameRow(last, now) : null;
      if (next != null && !last.object().equals(next.object())) {
        List<About> lasting = last.abouts().stream().filter(a -> !a.role().equals("name")).toList();
        kept.add(new Row(next.guard(), true, last.path(), last.object(), lasting));
      }
    }
    kept.removeIf(
        keep -> {
          Row row = sameRow(keep, now);
          return row == null
              || Objects.equals(row.object(), keep.object())
              || !exists(keep.object());
        });
    rows = now;
  }

  private static Row sameRow(Row row, List<Row> among) {
    return among.stream()
        .filter(r -> r.deny() && r.path().equals(row.path()))
        .filter(r -> r.guard().subject().equals(row.guard().subject()))
        .findFirst()
        .orElse(null);
  }

  private boolean exists(Object object) {
    try (Stream<Path> all = Files.walk(root)) {
      return all.anyMatch(path -> object.equals(key(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a user's access is allowed; the path leads to something. */
  boolean allows(Path path, PermissionKind kind, int uid) throws IOException {
    Path real = path.toRealPath();
    Object object = key(real);
    Object parent = key(real.getParent());
    String name = real.getFileName().toString();
    return Stream.concat(rows.stream(), kept.stream())
        .filter(row -> row.deny() && row.guard().mode() == Guard.Mode.ENFORCE)
        .filter(row -> row.guard().kinds().contains(kind))
        .filter(row -> concerns(row.guard(), uid))
        .flatMap(row -> row.abouts().stream())
        .noneMatch(about -> isAbout(about, object, parent, name));
  }

  private static boolean concerns(Guard guard, int uid) {
    Set<Integer> uids = guard.processes().uids();
    return uids.isEmpty() || uids.contains(uid);
  }

  private static boolean isAbout(About about, Object object, Object parent, String name) {
    return switch (about.role()) {
      case "itself" -> about.object().equals(object);
      case "name" -> about.object().equals(parent) && about.name().equals(name);
      default -> about.object().equals(parent) && !ignores(about.ignore(), about.below(), name);
    };
  }

  private Row row(Guard guard, boolean deny, FilePath asked) {
    List<About> abouts = new ArrayList<>();
    Path path = afterLinks(root.resolve(asked.text().substring(1)));
    Object object = null;
    try {
      Path parent = Files.exists(path.getParent()) ? path.getParent().toRealPath() : null;
      if (Files.exists(path)) {
        object = there(guard, deny, asked, path.toRealPath(), abouts);
      } else if (parent != null
          && Files.isDirectory(parent)
          && !Files.isSymbolicLink(path)
          && !guard.onlyDir()) {
        abouts.add(new About(key(parent), "name", path.getFileName().toString(), null, ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Row(guard, deny, asked, object, abouts);
  }

  /** As far as links at the end of the path go; what they lead to may be missing. */
  private static Path afterLinks(Path path) {
    Path at = path;
    try {
      for (int i = 0; i < 40 && Files.isSymbolicLink(at); i++) {
        at = at.getParent().toRealPath().resolve(Files.readSymbolicLink(at)).normalize();
      }
      return at;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Object there(Guard guard, boolean deny, FilePath asked, Path real, List<About> abouts)
      throws IOException {
    boolean directory = Files.isDirectory(real);
    if (guard.onlyDir() && !directory) {
      return null;
    }
    abouts.add(new About(key(real), "itself", "", null, ""));
    if (directory) {
      cover(guard, deny, new IgnoreRules(guard.ignore(), asked), real, "", 0, abouts);
    } else {
      Object parent = key(real.getParent());
      abouts.add(new About(parent, "name", real.getFileName().toString(), null, ""));
    }
    return key(real);
  }

  private void cover(
      Guard guard,
      boolean deny,
      IgnoreRules ignore,
      Path directory,
      String below,
      int depth,
      List<About> abouts)
      throws IOException {
    abouts.add(new About(key(directory), "children", "", ignore, below));
    List<Path> children;
    try (Stream<Path> list = Files.list(directory)) {
      children = list.sorted().toList();
    }
    for (Path child : children) {
      String name = child.getFileName().toString();
      boolean isDirectory = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
      boolean isFile = Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS);
      if (ignores(ignore, below, name) || !(isDirectory || isFile)) {
        continue;
      }
      boolean deeper =
          isDirectory && guard.recursive() && (guard.maxDepth() == 0 || depth < guard.maxDepth());
      if (!deny && !guard.recursive()) {
        continue;
      }
      if (deeper || mounts.contains(child) || (isFile && deny)) {
        abouts.add(new About(key(child), "itself", "", null, ""));
      }
      if (deeper) {
        cover(guard, deny, ignore, child, below + name + "/", depth + 1, abouts);
      }
    }
  }

  private static boolean ignores(IgnoreRules ignore, String below, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] path = (below + name).getBytes(StandardCharsets.UTF_8);
    return ignore.matchesName(bytes, 0, bytes.length) || ignore.matchesPath(path, 0, path.length);
  }

  private static final Map<String, Object> NOTHING = new HashMap<>();

  private static Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException gone) {
      return NOTHING;
    }
  }
}
