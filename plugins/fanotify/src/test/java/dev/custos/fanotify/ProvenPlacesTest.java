package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.PathBuffer;
import dev.custos.spi.guard.Guard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was proven about a place holds as long as it is true, and no longer. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProvenPlacesTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path directory;

  private final RuleTable table = new RuleTable(List.of(), Map.of(), List.of());
  private final ProvenPlaces places = new ProvenPlaces();
  private final EventPath path = EventPath.whole();

  private enum Mounted {
    NOTHING(""),
    TMPFS("mount -t tmpfs tmpfs %1$s/m"),
    OVERLAY(
        "mkdir %1$s/l %1$s/u && mount -t tmpfs tmpfs %1$s/u && mkdir %1$s/u/u %1$s/u/w"
            + " && mount -t overlay -o lowerdir=%1$s/l,upperdir=%1$s/u/u,workdir=%1$s/u/w"
            + " overlay %1$s/m");

    private final String command;

    Mounted(String command) {
      this.command = command;
    }
  }

  @Test
  void aPlaceIsKnownUntilItsObjectTableOrPathIsAnother() throws Exception {
    Path file = settled(Files.writeString(directory.resolve("file"), "a line\n"));
    note(file);
    assertThat(isKnown(table, file)).isTrue();
    assertThat(isKnown(table, Files.writeString(directory.resolve("other"), ""))).isFalse();
    assertThat(isKnown(new RuleTable(List.of(), Map.of(), List.of()), file)).isFalse();

    note(file);
    Path renamed = Files.move(file, directory.resolve("renamed"));
    assertThat(isKnown(table, renamed)).isFalse();

    note(settled(renamed));
    assertThat(isKnown(table, renamed)).isTrue();
    Files.setPosixFilePermissions(renamed, PosixFilePermissions.fromString("rw-------"));
    assertThat(isKnown(table, renamed)).isFalse();
  }

  @Test
  void nothingIsNotedOfWhatMayBeElsewhereAMomentLater() throws Exception {
    Path young = Files.writeString(directory.resolve("young"), "");
    Path linked = Files.writeString(directory.resolve("linked"), "");
    Files.createLink(directory.resolve("link"), linked);
    Path old = settled(Files.writeString(directory.resolve("old"), ""));
    settled(linked);
    Files.setLastModifiedTime(young, FileTime.from(Instant.EPOCH));

    assertThat(canBeNoted(young)).isFalse();
    assertThat(canBeNoted(linked)).isFalse();
    assertThat(canBeNoted(old)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Mounted.class)
  void whatIsMovedIsJudgedByWhereItIsAtOnce(Mounted mounted) throws Exception {
    try (GuardFixture fixture = new GuardFixture(directory)) {
      Files.createDirectories(fixture.at("/m"));
      Path top = fixture.at("/m").getParent();
      String root = "'" + top + "'";
      if (!mounted.command.isEmpty()) {
        assertThat(fixture.other().succeeds(String.format(mounted.command, root))).isTrue();
      }
      try {
        movesAreSeen(fixture);
      } finally {
        await()
            .atMost(DEADLINE)
            .until(
                () -> {
                  fixture.apply();
                  String all = "umount -R " + root + "/m; umount -R " + root + "/u";
                  fixture.other().succeeds("{ " + all + "; } 2>/dev/null");
                  return !Files.readString(Path.of("/proc/self/mounts")).contains(top + "/");
                });
      }
    }
  }

  private void movesAreSeen(GuardFixture fixture) throws Exception {
    Path allowed = fixture.file("/m/open/file");
    Path denied = fixture.at("/m/closed/file");
    fixture.file("/m/closed/secret");
    Files.createDirectories(fixture.at("/m/open/directory"));
    Guard guard = guard(subject("a")).allow("/m/open").deny("/m/closed").build();
    fixture.apply(guard);
    String move = "mv '" + allowed + "' '" + denied + "'";
    String back = "mv '" + denied + "' '" + allowed + "'";
    for (int i = 0; i < 2; i++) {
      settled(allowed);
      assertThat(fixture.other().opens(allowed)).isTrue();
      assertThat(fixture.other().reads(allowed)).isTrue();
      assertThat(fixture.other().succeeds(move)).isTrue();
      assertThat(fixture.other().opens(denied)).isFalse();
      assertThat(fixture.other().succeeds(back)).isTrue();
      // It was marked in its own right meanwhile, until it is noticed to be gone from there.
      await().atMost(DEADLINE).until(() -> fixture.other().opens(allowed));
    }
    Path inner = settled(fixture.at("/m/open/directory"));
    assertThat(fixture.other().opens(inner)).isTrue();
    Files.move(inner, fixture.at("/m/closed/directory"));
    assertThat(fixture.other().opens(fixture.at("/m/closed/directory"))).isFalse();

    settled(allowed);
    assertThat(fixture.other().opens(allowed)).isTrue();
    Files.createLink(denied, allowed);
    assertThat(fixture.other().opens(denied)).isFalse();
  }

  /** Waits until an object has been as it is for a while. */
  private static Path settled(Path path) {
    await()
        .atMost(DEADLINE)
        .until(
            () -> {
              FileTime changed = (FileTime) Files.getAttribute(path, "unix:ctime");
              // On a file system that keeps whole seconds it takes longer.
              long millis = changed.toMillis() % 1000 == 0 ? 3100 : 250;
              return changed.toInstant().isBefore(Instant.now().minusMillis(millis));
            });
    return path;
  }

  private void note(Path file) throws Exception {
    try (FileDescriptor open = open(file)) {
      ObjectReader objects = look(open);
      assertThat(places.find(table, objects.status(), path)).isNull();
      assertThat(places.canAdd(objects.status(), path)).isTrue();
      places.add(open.number(), objects.status(), path, null, null, 0);
    }
  }

  private boolean canBeNoted(Path file) throws Exception {
    try (FileDescriptor open = open(file)) {
      ObjectReader objects = look(open);
      places.find(table, objects.status(), path);
      return places.canAdd(objects.status(), path);
    }
  }

  private boolean isKnown(RuleTable rules, Path file) throws Exception {
    try (FileDescriptor open = open(file)) {
      return places.find(rules, look(open).status(), path) != null;
    }
  }

  private ObjectReader look(FileDescriptor open) throws Exception {
    ObjectReader objects = new ObjectReader();
    assertThat(objects.look(open.number())).isZero();
    assertThat(path.read(open.number(), false)).isTrue();
    return objects;
  }

  private static FileDescriptor open(Path file) throws IOException {
    byte[] name = file.toRealPath().toString().getBytes(StandardCharsets.UTF_8);
    int fd =
        FanotifyLibrary.CALLS.openat(
            Fanotify.AT_FDCWD,
            new PathBuffer().path(name, 0, name.length),
            Fanotify.O_PATH | Fanotify.O_CLOEXEC,
            0);
    assertThat(fd).isNotNegative();
    return new FileDescriptor(fd);
  }
}
