package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A copy of some files on a file system of its own, until it is closed. */
final class ScratchMount implements AutoCloseable {
  // A read of 128 KiB takes as long as on a disk that has to seek for each.
  private static final String PAUSE_SECONDS = "0.002";

  /** What it is. */
  enum Kind {
    TMPFS,
    OVERLAY,
    /** ext4 on a loop device over a file system whose server sleeps before each read. */
    SLOW
  }

  private final Deque<Path> mounts = new ArrayDeque<>();
  private final Path root;
  private Process server;

  private ScratchMount(Path root) {
    this.root = root;
  }

  /**
   * Mounts one.
   *
   * @param dir an empty directory for all that it takes
   * @param source the directory whose content it has
   */
  static ScratchMount of(Kind kind, Path dir, Path source) throws Exception {
    ScratchMount scratch = new ScratchMount(Files.createDirectory(dir.resolve("mounted")));
    try {
      switch (kind) {
        case TMPFS -> {
          scratch.mount(scratch.root, "-t", "tmpfs", "-o", "size=1g", "custos-test");
          copy(source, scratch.root);
        }
        case OVERLAY -> scratch.overlay(Files.createDirectory(dir.resolve("layers")), source);
        case SLOW -> scratch.slow(dir, source);
      }
      return scratch;
    } catch (Exception | Error e) {
      scratch.close();
      throw e;
    }
  }

  Path root() {
    return root;
  }

  private void overlay(Path base, Path source) throws Exception {
    mount(base, "-t", "tmpfs", "-o", "size=1g", "custos-test");
    Path lower = Files.createDirectory(base.resolve("lower"));
    copy(source, lower);
    Path upper = Files.createDirectory(base.resolve("upper"));
    Path work = Files.createDirectory(base.resolve("work"));
    String layers = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work;
    mount(root, "-t", "overlay", "-o", layers, "custos-test");
  }

  private void slow(Path dir, Path source) throws Exception {
    Path image = dir.resolve("image");
    run("mkfs.ext4", "-q", "-F", "-d", source.toString(), image.toString(), "500m");
    Path disk = Files.createDirectory(dir.resolve("disk"));
    Path program = dir.resolve("slow-disk.pl");
    try (InputStream script = ScratchMount.class.getResourceAsStream("/slow-disk.pl")) {
      Files.copy(script, program);
    }
    String serve =
        "exec 3<>/dev/fuse && mount -i -t fuse"
            + " -o fd=3,rootmode=40000,user_id=0,group_id=0,allow_other custos-test \"$1\""
            + " && exec perl \"$2\" \"$3\" \"$4\"";
    server =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                serve,
                "sh",
                disk.toString(),
                program.toString(),
                image.toString(),
                PAUSE_SECONDS)
            .redirectErrorStream(true)
            .start();
    mounts.push(disk);
    await("the slow disk")
        .atMost(CustosProcess.DEADLINE)
        .until(() -> Files.exists(disk.resolve("image")));
    mount(root, "-o", "loop", disk.resolve("image").toString());
  }

  private void mount(Path point, String... how) throws Exception {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(how));
    command.add(point.toString());
    run(command.toArray(new String[0]));
    mounts.push(point);
  }

  private static void copy(Path from, Path to) throws Exception {
    run("cp", "-a", from + "/.", to.toString());
  }

  /** Runs a command to its end, which is a good one. */
  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
  }

  /** Unmounts all, the last one first, whoever may still use it. */
  @Override
  public void close() throws IOException {
    while (!mounts.isEmpty()) {
      new ProcessBuilder("umount", "-l", mounts.pop().toString())
          .redirectErrorStream(true)
          .start()
          .onExit()
          .join();
    }
    if (server != null) {
      server.destroyForcibly().onExit().join();
    }
  }
}
