package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.PermissionKind;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.Guard.Processes;
import dev.custos.testkit.GuardBuilder;
import dev.custos.testkit.OtherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random plans over a random tree that changes: every verdict of the kernel is compared with that
 * of {@link RuleModel}. The tree spans the file system of the test, one in memory, an overlay and a
 * bind mount; files have hard and symbolic links; three users ask.
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GuardModelTest {
  private static final boolean LONG = Boolean.getBoolean("custos.long");
  private static final long SEED = Long.getLong("custos.seed", LONG ? System.nanoTime() : 4711);
  private static final int PLANS = LONG ? 400 : 12;
  private static final int CHANGES = 6;
  private static final int ACCESSES = 14;
  private static final String[] NAMES = {"a", "b", "c", "d.tmp", "e"};
  private static final int[] USERS = {0, 4711, 4712};

  @TempDir Path directory;

  private final Random random = new Random(SEED);
  private final Map<Integer, OtherProcess> users = new TreeMap<>();
  private final StringBuilder story = new StringBuilder();
  private Path root;
  private List<Path> zones;
  private GuardFixture fixture;
  private RuleModel model;

  @Test
  void everyVerdictIsThatOfTheModel() throws Exception {
    try (GuardFixture opened = new GuardFixture(directory)) {
      fixture = opened;
      root = directory.toRealPath();
      try {
        makeTheWorld();
        for (int uid : USERS) {
          users.put(uid, OtherProcess.startAs(uid));
        }
        for (int i = 0; i < PLANS; i++) {
          oneplan(i);
        }
      } finally {
        users.values().forEach(OtherProcess::close);
        fixture.apply();
        opened
            .other()
            .succeeds("umount -l '" + root + "/bind' '" + root + "/over' '" + root + "/mem'");
      }
    }
  }

  private void makeTheWorld() throws IOException {
    for (String path : List.of("plain", "mem", "over", "bind", "lower", "upper", "work")) {
      Files.createDirectory(root.resolve(path));
    }
    String at = "'" + root + "/";
    sh("mount -t tmpfs tmpfs " + at + "mem'");
    zones = List.of(root.resolve("plain"), root.resolve("mem"), root.resolve("lower"));
    for (Path zone : zones) {
      for (int i = 0; i < 25; i++) {
        create(zone);
      }
    }
    Files.createDirectory(root.resolve("plain/bound"));
    Files.writeString(root.resolve("plain/bound/b"), "a line\n");
    sh(
        "mount -t overlay overlay -o "
            + ("lowerdir=" + at + "lower',upperdir=" + at + "upper',workdir=" + at + "work' ")
            + (at + "over'"));
    sh("mount --bind " + at + "plain/bound' " + at + "bind'");
    zones = List.of(root.resolve("plain"), root.resolve("mem"), root.resolve("over"));
    Set<Path> mounts = Set.of(root.resolve("mem"), root.resolve("over"), root.resolve("bind"));
    model = new RuleModel(root, mounts);
  }

  private void sh(String command) {
    assertThat(fixture.other().succeeds(command)).as(command).isTrue();
  }

  private void oneplan(int number) throws Exception {
    List<Guard> guards = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      guards.add(randomGuard("g" + number + "-" + i));
    }
    story.setLength(0);
    guards.forEach(guard -> story.append(guard).append('\n'));
    fixture.apply(guards.toArray(Guard[]::new));
    model.look(guards);
    compare();
    for (int i = 0; i < CHANGES; i++) {
      change();
      // Whatever was noticed on its own by now, this sees all of it.
      fixture.apply(guards.toArray(Guard[]::new));
      model.look(guards);
      compare();
    }
  }

  private Guard randomGuard(String name) throws IOException {
    GuardBuilder builder = guard(subject(name)).reportDenied();
    builder.allow(randomPaths()).deny(randomPaths());
    builder.kinds(
        switch (random.nextInt(3)) {
          case 0 -> new PermissionKind[] {PermissionKind.OPEN_PERM};
          case 1 -> new PermissionKind[] {PermissionKind.ACCESS_PERM};
          default -> new PermissionKind[] {PermissionKind.OPEN_PERM, PermissionKind.ACCESS_PERM};
        });
    if (random.nextInt(3) == 0) {
      builder.recursive().maxDepth(random.nextInt(3));
      if (random.nextBoolean()) {
        builder.ignore(List.of("a", "*.tmp", "b/c").get(random.nextInt(3)));
      }
    }
    if (random.nextInt(6) == 0) {
      builder.onlyDir();
    }
    if (random.nextInt(8) == 0) {
      builder.observe();
    }
    if (random.nextInt(4) == 0) {
      builder.processes(new Processes(Set.of(), Set.of(USERS[random.nextInt(3)])));
    }
    return builder.build();
  }

  private String[] randomPaths() throws IOException {
    String[] paths = new String[random.nextInt(4)];
    for (int i = 0; i < paths.length; i++) {
      Path path = random.nextInt(5) == 0 ? missing() : any();
      paths[i] = "/" + root.relativize(path);
    }
    return paths;
  }

  private Path missing() throws IOException {
    return anyDirectory().resolve("missing" + random.nextInt(3));
  }

  private List<Path> everything() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Path zone : zones) {
      try (Stream<Path> tree = Files.walk(zone)) {
        tree.filter(path -> !path.equals(zone)).sorted().forEach(all::add);
      }
    }
    try (Stream<Path> tree = Files.walk(root.resolve("bind"))) {
      tree.filter(path -> !path.endsWith("bind")).sorted().forEach(all::add);
    }
    return all;
  }

  private Path any() throws IOException {
    List<Path> all = everything();
    return all.get(random.nextInt(all.size()));
  }

  private Path anyDirectory() throws IOException {
    List<Path> all =
        everything().stream()
            .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
            .toList();
    return all.isEmpty() || random.nextInt(6) == 0
        ? zones.get(random.nextInt(zones.size()))
        : all.get(random.nextInt(all.size()));
  }

  private Path newName(Path in) {
    return in.resolve(
        random.nextInt(5) == 0
            ? "missing" + random.nextInt(3)
            : NAMES[random.nextInt(NAMES.length)]);
  }

  /** A new object, if the name is free. */
  private void create(Path zone) throws IOException {
    List<Path> directories;
    try (Stream<Path> tree = Files.walk(zone)) {
      directories = tree.filter(p -> Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)).toList();
    }
    Path path = newName(directories.get(random.nextInt(directories.size())));
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> Files.createDirectory(path);
      case 1 -> Files.createSymbolicLink(path, Path.of(NAMES[random.nextInt(NAMES.length)]));
      default -> Files.writeString(path, "a line\n");
    }
  }

  /** One call of the kernel that changes the tree, or fails and does not. */
  private void change() throws IOException {
    Path one = any();
    if (one.endsWith("bound")) {
      // The kernel would let it go; what is bound would have no path any more.
      return;
    }
    Path two = newName(anyDirectory());
    int what = random.nextInt(6);
    story.append("change ").append(what).append(' ').append(one).append(' ').append(two);
    try {
      switch (what) {
        case 0 -> Files.delete(one);
        case 1, 2 -> Files.move(one, two, StandardCopyOption.ATOMIC_MOVE);
        case 3 -> Files.createLink(two, one);
        case 4 -> Files.createDirectory(two);
        default -> create(zones.get(random.nextInt(zones.size())));
      }
      story.append('\n');
    } catch (IOException e) {
      story.append(": ").append(e.getClass().getSimpleName()).append('\n');
    }
  }

  private void compare() throws IOException {
    List<Path> all = everything();
    for (int i = 0; i < ACCESSES; i++) {
      Path path = all.get(random.nextInt(all.size()));
      if (!Files.exists(path)) {
        continue;
      }
      int uid = USERS[random.nextInt(USERS.length)];
      boolean open = model.allows(path, PermissionKind.OPEN_PERM, uid);
      boolean read =
          open && (Files.isDirectory(path) || model.allows(path, PermissionKind.ACCESS_PERM, uid));
      boolean reads = Files.isRegularFile(path) && random.nextBoolean();
      boolean was = reads ? users.get(uid).reads(path) : users.get(uid).opens(path);
      assertThat(was)
          .as("seed %s, user %s, %s %s\n%s", SEED, uid, reads ? "reads" : "opens", path, story)
          .isEqualTo(reads ? read : open);
    }
  }
}
