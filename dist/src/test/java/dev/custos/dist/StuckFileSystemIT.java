package dev.custos.dist;

import static dev.custos.dist.CustosProcess.DEADLINE;
import static dev.custos.dist.CustosProcess.custos;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code custos watch} beside a file system that does not answer: fuse(4) that nobody serves. */
class StuckFileSystemIT {
  @TempDir Path dir;
  private Path mount;
  private Process server;

  private void mountStuck() throws IOException {
    mount = Files.createDirectory(dir.resolve("mnt"));
    String options = "fd=3,rootmode=40000,user_id=0,group_id=0,allow_other";
    String script =
        "exec 3<>/dev/fuse && mount -i -t fuse -o "
            + options
            + " stuck \"$0\" && echo ok"
            + " && read -r line";
    server =
        new ProcessBuilder("/bin/sh", "-c", script, mount.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(server.getInputStream().readNBytes(3), StandardCharsets.UTF_8);
    if (!said.equals("ok\n")) {
      mount = null;
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError("fuse can't be mounted here");
      }
      Assumptions.abort("fuse can't be mounted here");
    }
  }

  /** Whoever waits for it gets an error as soon as its device is closed. */
  @AfterEach
  void giveUp() throws Exception {
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
    if (mount != null) {
      new ProcessBuilder("umount", "-l", mount.toString()).start().waitFor();
    }
  }

  @Test
  void whatIsOnItIsSaidToFailAndTheRestIsWatched() throws Exception {
    mountStuck();
    Path data = Files.createDirectory(dir.resolve("data"));
    try (CustosProcess custos =
        custos(
            "watch",
            "--recursive",
            "--events",
            "create",
            "--format",
            "{event} {path}{sep}{file}",
            mount.resolve("dir").toString(),
            data.toString())) {
      custos.awaitReady();
      Path file = Files.createFile(data.resolve("file"));
      custos.awaitLine("CREATE " + file);
      assertThat(custos.err())
          .contains(
              "custos: "
                  + mount
                  + "/dir: failed: the file system mounted at \""
                  + mount
                  + "\" does not answer; watched as soon as it does");

      server.destroyForcibly().waitFor();
      await("what the file system answered at last")
          .atMost(DEADLINE)
          .until(() -> custos.err().stream().anyMatch(line -> line.contains("ENOTCONN")));
      custos.signal("TERM");
      custos.awaitExit();
    }
  }
}
