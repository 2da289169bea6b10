package dev.custos.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodVolumeTest {
  private static final Path STATE = Path.of("/var/lib/custos");
  private static final String VOLUME =
      "/var/lib/kubelet/pods/0f9d2c4e/volumes/kubernetes.io~empty-dir/state";

  @TempDir Path temp;

  private static String mount(String root, String point) {
    return "36 35 98:0 " + root + " " + point + " rw,noatime master:1 - ext4 /dev/root rw";
  }

  @Test
  void anEmptyDirThatEverybodyInThePodCanWriteHoldsASpool() throws Exception {
    Path volume = openDirectory("volumes/kubernetes.io~empty-dir/state");
    Path state = Files.createDirectory(temp.resolve("state"));
    bind(volume, state);
    try {
      SpoolFixture spool = new SpoolFixture(state.resolve("spool/siem"));
      spool.open(SpoolFixture.newRun()).close();
      assertThat(Files.getPosixFilePermissions(state.resolve("spool")))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    } finally {
      unmount(state);
    }
  }

  @Test
  void anotherMountThatEverybodyCanWriteHoldsNone() throws Exception {
    Path open = openDirectory("open");
    Path state = Files.createDirectory(temp.resolve("state"));
    bind(open, state);
    try {
      SpoolFixture spool = new SpoolFixture(state.resolve("spool/siem"));
      assertThatExceptionOfType(SpoolRefusedException.class)
          .isThrownBy(() -> spool.open(SpoolFixture.newRun()))
          .withMessageContaining(state.toString());
    } finally {
      unmount(state);
    }
  }

  @Test
  void anOpenDirectoryThatIsOnlyCalledSoHoldsNone() throws Exception {
    Path open = openDirectory("volumes/kubernetes.io~empty-dir/state");
    SpoolFixture spool = new SpoolFixture(open.resolve("spool/siem"));
    assertThatExceptionOfType(SpoolRefusedException.class)
        .isThrownBy(() -> spool.open(SpoolFixture.newRun()))
        .withMessageContaining(open.toString());
  }

  @Test
  void onlyTheWholeVolumeIsAnEmptyDir() {
    assertThat(PodVolume.isEmptyDir(STATE, List.of(mount(VOLUME, "/var/lib/custos")))).isTrue();
    assertThat(PodVolume.isEmptyDir(STATE, List.of(mount(VOLUME + "/a", "/var/lib/custos"))))
        .isFalse();
    assertThat(PodVolume.isEmptyDir(STATE, List.of(mount(VOLUME, "/var/lib")))).isFalse();
    assertThat(PodVolume.isEmptyDir(STATE, List.of(mount("/", "/var/lib/custos")))).isFalse();
    assertThat(PodVolume.isEmptyDir(STATE, List.of("", "36 35 98:0"))).isFalse();
  }

  @Test
  void whatCoversAnEmptyDirIsNone() {
    String volume = mount(VOLUME, "/var/lib/custos");
    String cover = mount("/", "/var/lib/custos");
    assertThat(PodVolume.isEmptyDir(STATE, List.of(volume, cover))).isFalse();
    assertThat(PodVolume.isEmptyDir(STATE, List.of(cover, volume))).isTrue();
  }

  @Test
  void aNameWithASpaceIsFound() {
    assertThat(PodVolume.isEmptyDir(Path.of("/my state"), List.of(mount(VOLUME, "/my\\040state"))))
        .isTrue();
  }

  private Path openDirectory(String name) throws IOException {
    Path open = Files.createDirectories(temp.resolve(name));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    return open;
  }

  /** Without the privilege, skips the test, except in continuous integration. */
  private static void bind(Path from, Path to) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("mount", "--bind", from.toString(), to.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      assertThat(System.getenv("CI")).as("mount: %s", said).isNotEqualTo("true");
      Assumptions.abort("nothing can be mounted here: " + said);
    }
  }

  private static void unmount(Path at) {
    Process process;
    try {
      process = new ProcessBuilder("umount", "-l", at.toString()).inheritIO().start();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    assertThat(process.onExit().join().exitValue()).isZero();
  }
}
