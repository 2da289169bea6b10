package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime that other tests rely on, and that it leaves nothing behind. */
class ContainerdRuntimeTest {
  @Test
  void containersRunWithVolumesAndRestartAndNothingStays(@TempDir Path volume) throws Exception {
    String cgroup;
    String folder;
    long pid;
    try (ContainerdRuntime runtime = ContainerdRuntime.start()) {
      folder = runtime.fifos().getParent().toString();
      RunningContainer one = runtime.container().bind(volume, "/vol").tmpfs("/ram").run();
      cgroup = runtime.cgroup(one.podUid()) + "/" + one.id();
      assertThat(Files.readString(Path.of("/proc/" + one.pid() + "/cgroup"))).contains(cgroup);
      assertThat(one.sh("echo text >/vol/file && grep ' /ram tmpfs' /proc/mounts").exit()).isZero();
      assertThat(volume.resolve("file")).hasContent("text");
      assertThat(one.file("/bin/busybox")).exists();

      long first = one.pid();
      one.sh("echo kept >/data/kept");
      one.kill();
      one.startAgain();
      assertThat(one.pid()).isNotEqualTo(first);
      assertThat(one.file("/data/kept")).hasContent("kept");

      RunningContainer two = one.restart();
      pid = two.pid();
      assertThat(two.podUid()).isEqualTo(one.podUid());
      assertThat(two.id()).isNotEqualTo(one.id());
      assertThat(two.file("/data/kept")).doesNotExist();
      assertThat(runtime.ctr("container", "ls", "-q")).isEqualToIgnoringWhitespace(two.id());
    }
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    for (Path hierarchy : CgroupFolders.hierarchies()) {
      assertThat(hierarchy.resolve(cgroup.split("/", 3)[1])).doesNotExist();
    }
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(folder);
  }
}
