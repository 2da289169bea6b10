package dev.custos.inotify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.event.FilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteMountsTest {
  @TempDir Path dir;
  private RemoteMounts mounts;

  @BeforeEach
  void read() throws IOException {
    String table =
        """
        21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        22 21 0:30 / /net rw,relatime shared:2 master:3 - nfs4 server:/ rw
        23 22 0:31 / /net/tmp rw - tmpfs tmpfs rw
        24 21 0:32 / /a\\040b rw - fuse.sshfs host: rw
        25 21 0:33 / /over rw - cifs //server/share rw
        26 25 0:34 / /over rw - tmpfs tmpfs rw
        """;
    mounts = RemoteMounts.read(Files.writeString(dir.resolve("mountinfo"), table));
  }

  private String of(String path) {
    return mounts.of(FilePath.of(path));
  }

  @Test
  void aPathBelowARemoteMountIsOnIt() {
    assertThat(of("/net")).isEqualTo("/net");
    assertThat(of("/net/deep/er/")).isEqualTo("/net");
    assertThat(of("/a b/c")).isEqualTo("/a b");
  }

  @Test
  void allElseIsOnNone() {
    assertThat(of("/")).isEmpty();
    assertThat(of("/network")).isEmpty();
    assertThat(of("/etc/passwd")).isEmpty();
    assertThat(of("/net/tmp/x")).as("a local one mounted in a remote one").isEmpty();
    assertThat(of("/over/x")).as("a remote one that is hidden").isEmpty();
  }

  @Test
  void withoutATableNothingIsRemote() {
    assertThat(RemoteMounts.read(dir.resolve("missing")).of(FilePath.of("/net"))).isEmpty();
  }
}
