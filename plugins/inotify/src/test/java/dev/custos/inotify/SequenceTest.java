package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.Subject;
import dev.custos.testkit.WatchBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * One hand changes a tree at random, one change at a time: then the events of each change, kind by
 * kind and in their order, are known beforehand from inotify(7).
 */
class SequenceTest extends KernelTest {
  private static final int CHANGES = Boolean.getBoolean("custos.long") ? 20_000 : 400;

  /** What a change may be told as; reading is left out, because the model reads as well. */
  private static final Set<ChangeKind> KINDS =
      EnumSet.of(
          ChangeKind.CREATE,
          ChangeKind.DELETE,
          ChangeKind.DELETE_SELF,
          ChangeKind.MODIFY,
          ChangeKind.ATTRIB,
          ChangeKind.CLOSE_WRITE,
          ChangeKind.MOVE_SELF,
          ChangeKind.MOVED_FROM,
          ChangeKind.MOVED_TO);

  private final Subject web = subject("web");
  private final long seed = Long.getLong("custos.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Path to whether it is a directory, below and including /data and /out. */
  private final TreeMap<String, Boolean> model = new TreeMap<>();

  private int names;

  /** Whether the order of a change's events is known. */
  private boolean ordered;

  @Test
  void eachChangeIsToldAsTheKernelsManualSays() {
    bench().sh("mkdir data out");
    model.put("/data", true);
    model.put("/out", true);
    bench().apply(watch(web, "/data").kinds(KINDS).recursive().build());
    for (int i = 0; i < CHANGES; i++) {
      bench().events().clear();
      List<String> expected = new ArrayList<>();
      ordered = true;
      String what = change(expected);
      bench().settle();
      var told = assertThat(bench().told(web)).as("seed %d, change %d: %s", seed, i, what);
      if (ordered) {
        told.containsExactlyElementsOf(expected);
      } else {
        told.containsExactlyInAnyOrderElementsOf(expected);
      }
      awaitMovesToBeSettled();
    }
    inspectionMatches();
  }

  /** A directory that moved out may come back for a moment as if it had never been away. */
  private void awaitMovesToBeSettled() {
    long directories =
        model.entrySet().stream().filter(e -> e.getValue() && isWatched(e.getKey())).count();
    await()
        .atMost(WatchBench.DEADLINE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> bench().backend().inspect().found() == directories + 2);
  }

  private String change(List<String> expected) {
    try {
      return switch (random.nextInt(8)) {
        case 0, 1 -> mkdir(expected);
        case 2 -> create(expected);
        case 3 -> append(expected);
        case 4 -> chmod(expected);
        case 5 -> delete(expected);
        default -> move(expected);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String mkdir(List<String> expected) throws IOException {
    String path = newPath();
    Files.createDirectory(bench().file(path));
    model.put(path, true);
    tell(expected, "CREATE", path, true);
    return "mkdir " + path;
  }

  private String create(List<String> expected) throws IOException {
    String path = newPath();
    Files.createFile(bench().file(path));
    model.put(path, false);
    tell(expected, "CREATE", path, false);
    tell(expected, "CLOSE_WRITE", path, false);
    return "create " + path;
  }

  private String append(List<String> expected) throws IOException {
    String path = any(false);
    if (path == null) {
      return "nothing";
    }
    Files.write(bench().file(path), new byte[] {1}, StandardOpenOption.APPEND);
    tell(expected, "MODIFY", path, false);
    tell(expected, "CLOSE_WRITE", path, false);
    return "append to " + path;
  }

  private String chmod(List<String> expected) throws IOException {
    boolean directory = random.nextBoolean();
    String path = any(directory);
    if (path == null) {
      return "nothing";
    }
    Path file = bench().file(path);
    Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(file));
    tellSelfAndEntry(expected, "ATTRIB", path, directory);
    return "chmod " + path;
  }

  /** A watched directory hears of itself too, after its parent does. */
  private void tellSelfAndEntry(List<String> expected, String kind, String path, boolean dir) {
    tell(expected, kind, path, dir);
    if (dir && isWatched(path)) {
      expected.add(kind + " directory " + path);
    }
  }

  private String delete(List<String> expected) throws IOException {
    boolean directory = random.nextBoolean();
    String path = any(directory);
    if (path == null || hasChildren(path)) {
      return "nothing";
    }
    Files.delete(bench().file(path));
    model.remove(path);
    ordered = false; // whoever has looked the directory up makes the kernel tell of it the later
    tell(expected, "DELETE", path, directory);
    if (directory && isWatched(path)) {
      expected.add("DELETE_SELF directory " + path);
    }
    return "delete " + path;
  }

  private String move(List<String> expected) throws IOException {
    boolean directory = random.nextBoolean();
    String from = any(directory);
    String to = newPath();
    if (from == null || (to + "/").startsWith(from + "/")) {
      return "nothing";
    }
    Files.move(bench().file(from), bench().file(to));
    tell(expected, "MOVED_FROM", from, directory);
    tell(expected, "MOVED_TO", to, directory);
    if (directory && isWatched(from) && isWatched(to)) {
      expected.add("MOVE_SELF directory " + to);
    }
    List<String> within =
        model.keySet().stream().filter(p -> p.equals(from) || p.startsWith(from + "/")).toList();
    for (String old : within) {
      String now = to + old.substring(from.length());
      boolean isDirectory = model.remove(old);
      model.put(now, isDirectory);
      if (!isWatched(from) && isWatched(to) && !old.equals(from)) {
        ordered = false; // a directory has no order
        // It came in with the directory, and the first look at it finds it.
        tell(expected, "CREATE", now, isDirectory);
      }
    }
    return "move " + from + " to " + to;
  }

  private static boolean isWatched(String path) {
    return path.equals("/data") || path.startsWith("/data/");
  }

  private boolean hasChildren(String path) {
    return model.keySet().stream().anyMatch(p -> p.startsWith(path + "/"));
  }

  private static void tell(List<String> expected, String kind, String path, boolean directory) {
    String parent = path.substring(0, path.lastIndexOf('/'));
    if (isWatched(parent)) {
      String type = directory ? "directory" : "file";
      expected.add(kind + " " + type + " " + parent + ": " + path.substring(parent.length() + 1));
    }
  }

  private String newPath() {
    List<String> directories =
        model.keySet().stream().filter(model::get).filter(p -> p.length() < 60).toList();
    return directories.get(random.nextInt(directories.size())) + "/n" + names++;
  }

  /** Any file, or any directory but the two tops, or null. */
  private String any(boolean directory) {
    List<String> paths =
        model.keySet().stream()
            .filter(p -> model.get(p) == directory && p.lastIndexOf('/') > 0)
            .toList();
    return paths.isEmpty() ? null : paths.get(random.nextInt(paths.size()));
  }
}
