package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.custos.testkit.UnpackedPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A real containerd with real containers, apart from any other on this machine: folders, socket and
 * cgroups are its own. Its containers are in cgroups as the kubelet names them where {@code
 * --cgroup-root} is set: {@code /custos-test-X/kubepods/burstable/podUID/ID}. Closing it removes
 * everything, also if the JVM ends before.
 *
 * <pre>{@code
 * try (ContainerdRuntime runtime = ContainerdRuntime.start()) {
 *   RunningContainer web = runtime.container().tmpfs("/ram").run();
 *   web.sh("echo hello >/ram/file");
 * }
 * }</pre>
 *
 * <p>Starting it takes half a second, a container a tenth. Several threads may use it.
 */
final class ContainerdRuntime implements AutoCloseable {
  private static final String NAMESPACE = "k8s.io";
  private static final int CTR_SECONDS = 60;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Puts a hierarchy of cgroup v2 in the place of all others, for whatever it starts. */
  private static final String CGROUP2_ALONE =
      "umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"";

  private final UnpackedPrograms programs;
  private final Path folder;
  private final String cgroupRoot;
  private final boolean cgroup2Alone;
  private final Set<String> containers = Collections.newSetFromMap(new ConcurrentHashMap<>());
  private final Thread atExit = new Thread(this::removeEverything);
  private Process daemon;
  private boolean closed;

  private ContainerdRuntime(UnpackedPrograms programs, Path folder, boolean cgroup2Alone) {
    this.programs = programs;
    this.folder = folder;
    this.cgroup2Alone = cgroup2Alone;
    this.cgroupRoot = "/custos-test-" + newId().substring(0, 12);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts containerd, with an image to make containers of. Skips the test where there is none or
   * it can't run, and fails it under CI.
   */
  static ContainerdRuntime start() throws IOException, InterruptedException {
    return start(false);
  }

  /**
   * As {@link #start}, where it sees cgroup v2 alone, as on a machine that has nothing else. On one
   * that has both, what it starts is then in a cgroup of v2 and in none of v1.
   */
  static ContainerdRuntime startOnCgroup2() throws IOException, InterruptedException {
    return start(true);
  }

  private static ContainerdRuntime start(boolean cgroup2Alone)
      throws IOException, InterruptedException {
    UnpackedPrograms programs = programs();
    // Not a test's own folder: the path of a socket has at most 107 bytes.
    Path folder = Files.createTempDirectory("custos-containerd-");
    ContainerdRuntime runtime = new ContainerdRuntime(programs, folder, cgroup2Alone);
    try {
      runtime.startDaemon();
      Path image =
          BusyboxImage.build(programs.root().resolve("bin/busybox"), runtime.folder("image"));
      runtime.ctr("image", "import", image.toString());
      return runtime;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      runtime.close();
      throw e;
    }
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  /** Starts containerd; containers that run already, from before {@link #killDaemon}, go on. */
  void startDaemon() throws IOException {
    Path config = folder.resolve("config.toml");
    Files.writeString(
        config,
        """
        version = 2
        root = "%1$s/root"
        state = "%1$s/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
          "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
          "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
          "io.containerd.tracing.processor.v1.otlp"]
        [grpc]
          address = "%1$s/sock"
        [ttrpc]
          address = "%1$s/sock.ttrpc"
        """
            .formatted(folder));
    ProcessBuilder builder =
        program("usr/bin/containerd", "--config", config.toString(), "--log-level", "warn");
    if (cgroup2Alone) {
      List<String> alone = List.of("unshare", "-m", "/bin/sh", "-c", CGROUP2_ALONE, "sh");
      builder.command().addAll(0, alone);
    }
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    daemon = builder.start();
    await("containerd serves, or gives up")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !daemon.isAlive() || tryCtr("version").exit() == 0);
    assertThat(daemon.isAlive()).as("containerd: %s", log()).isTrue();
  }

  /** Ends containerd alone; its containers run on. */
  void killDaemon() throws InterruptedException {
    daemon.destroyForcibly();
    assertThat(daemon.waitFor(CTR_SECONDS, TimeUnit.SECONDS)).as("containerd dies").isTrue();
  }

  private String log() throws IOException {
    Path log = folder.resolve("log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** A program of many that needs no library. */
  Path busybox() {
    return programs.root().resolve("bin/busybox");
  }

  /** A container to be. */
  ContainerRequest container() {
    return new ContainerRequest(this);
  }

  RunningContainer run(ContainerRequest request) throws IOException, InterruptedException {
    containers.add(request.id());
    List<String> arguments = new ArrayList<>(List.of("run", "-d", "--null-io"));
    arguments.addAll(List.of("--runc-root", folder.resolve("runc").toString()));
    arguments.addAll(List.of("--cgroup", cgroupRoot + request.cgroup()));
    if (cgroup2Alone) {
      // Shares need a controller, which v1 may have.
      arguments.addAll(List.of("--cpu-shares", "0"));
    }
    arguments.addAll(request.options());
    arguments.addAll(List.of(BusyboxImage.NAME, request.id()));
    arguments.addAll(request.command());
    ctr(arguments.toArray(String[]::new));
    return new RunningContainer(this, request);
  }

  /** The cgroup of a pod, in every hierarchy. */
  String cgroup(String pod) {
    return cgroupRoot + "/kubepods/burstable/pod" + pod;
  }

  /** Where everything of it is. */
  Path folder() {
    return folder;
  }

  /** The folder that containerd keeps a running container's details in. */
  Path bundle(String id) {
    return folder.resolve("state/io.containerd.runtime.v2.task").resolve(NAMESPACE).resolve(id);
  }

  Path fifos() {
    return folder.resolve("fifos");
  }

  /** Removes a container, whether or not it still runs. */
  void remove(String id) throws IOException, InterruptedException {
    tryCtr("task", "rm", "-f", id);
    tryCtr("container", "rm", id);
    if (!Files.exists(bundle(id))) {
      containers.remove(id);
    }
  }

  /** Runs {@code ctr} in the namespace of Kubernetes, and returns what it printed. */
  String ctr(String... arguments) throws IOException, InterruptedException {
    RunningContainer.Exec exec = tryCtr(arguments);
    assertThat(exec.exit())
        .as("ctr %s: %s%s", String.join(" ", arguments), exec.text(), log())
        .isZero();
    return exec.text();
  }

  /** As {@link #ctr}, where a failure is an answer as well. */
  RunningContainer.Exec tryCtr(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder builder =
        program("usr/bin/ctr", "--address", folder.resolve("sock").toString(), "-n", NAMESPACE);
    builder.command().addAll(List.of(arguments));
    builder.command().addAll(0, List.of("timeout", Integer.toString(CTR_SECONDS)));
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new RunningContainer.Exec(process.waitFor(), text);
  }

  /** Starts runc, with containers of its own beside those of containerd. */
  CustosProcess runc(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("--root", folder("runc-alone").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder runc = program("usr/sbin/runc", command.toArray(String[]::new));
    return CustosProcess.start(runc.environment(), runc.command());
  }

  /**
   * Starts gVisor's kernel for a container of a pod, and what serves its files: as when the kubelet
   * has a pod's sandbox made. Returns the container's id.
   */
  String gvisor(String pod) throws IOException, InterruptedException {
    boolean there = Files.isRegularFile(programs.root().resolve("usr/bin/runsc"));
    UnpackedPrograms.require(there, programs.root(), ".ci/containerd");
    String id = newId();
    Path bundle = folder("gvisor-" + id.substring(0, 8));
    Files.createDirectories(bundle.resolve("rootfs/proc"));
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {"ociVersion": "1.0.0",
         "process": {"user": {"uid": 0, "gid": 0}, "args": ["/none"], "cwd": "/"},
         "root": {"path": "rootfs"},
         "linux": {
           "cgroupsPath": "%s/%s",
           "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"},
             {"type": "network"}]}}
        """
            .formatted(cgroup(pod), id));
    ProcessBuilder runsc =
        program("usr/bin/runsc", "--root", folder("runsc").toString(), "--platform", "ptrace");
    runsc.command().addAll(List.of("--network", "none", "create"));
    runsc.command().addAll(List.of("--bundle", bundle.toString(), id));
    runsc.command().addAll(0, List.of("timeout", Integer.toString(CTR_SECONDS)));
    // Not a pipe: the sandbox would keep it open for as long as it runs.
    Path said = bundle.resolve("said");
    runsc.redirectErrorStream(true).redirectOutput(said.toFile());
    assertThat(runsc.start().waitFor()).as("runsc: %s", Files.readString(said)).isZero();
    return id;
  }

  private ProcessBuilder program(String path, String... arguments) throws IOException {
    ProcessBuilder builder = programs.command(path, arguments);
    // containerd finds its shim there, and the shim runc.
    Path root = programs.root();
    String own = root.resolve("usr/bin") + ":" + root.resolve("usr/sbin");
    builder.environment().merge("PATH", own, (path1, first) -> first + ":" + path1);
    return builder;
  }

  static String newId() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      removeEverything();
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }

  /** Every step is tried, whatever becomes of the others; the first failure is told in the end. */
  private void removeEverything() {
    List<Exception> failures = new ArrayList<>();
    attempt(this::removeContainers, failures);
    attempt(this::stopDaemon, failures);
    attempt(this::killShims, failures);
    attempt(this::unmount, failures);
    attempt(
        () ->
            await("cgroups of " + cgroupRoot + " are empty")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> CgroupFolders.remove(cgroupRoot)),
        failures);
    attempt(this::delete, failures);
    if (!failures.isEmpty()) {
      throw new IllegalStateException("not all of " + folder + " is removed", failures.get(0));
    }
  }

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private static void attempt(Step step, List<Exception> failures) {
    try {
      step.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add(e);
    } catch (IOException | RuntimeException e) {
      failures.add(e);
    }
  }

  private void removeContainers() throws IOException, InterruptedException {
    if (daemon != null && daemon.isAlive()) {
      for (String id : containers) {
        remove(id);
      }
    }
  }

  private void stopDaemon() throws InterruptedException {
    if (daemon != null) {
      daemon.destroy();
      if (!daemon.waitFor(10, TimeUnit.SECONDS)) {
        killDaemon();
      }
    }
  }

  /** What runs still, because containerd could not be asked any more: all in our own cgroups. */
  private void killShims() throws IOException {
    Path tasks = bundle("x").getParent();
    if (Files.isDirectory(tasks)) {
      String mark = folder.resolve("sock").toString();
      ProcessHandle.allProcesses()
          .filter(process -> process.info().command().orElse("").contains("containerd-shim"))
          .filter(process -> hasArgument(process.pid(), mark))
          .forEach(ProcessHandle::destroyForcibly);
    }
    CgroupFolders.killAll(cgroupRoot);
  }

  private static boolean hasArgument(long pid, String argument) {
    try {
      String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
      return List.of(line.split("\0", -1)).contains(argument);
    } catch (IOException ended) {
      return false;
    }
  }

  private void unmount() throws IOException, InterruptedException {
    List<String> points =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> line.split(" ", 6)[4])
            .filter(point -> point.startsWith(folder + "/"))
            .sorted(Comparator.reverseOrder())
            .toList();
    for (String point : points) {
      new ProcessBuilder("umount", "-l", point).start().waitFor();
    }
  }

  private void delete() throws IOException, InterruptedException {
    // Java can't delete names that are no text, which a container may have made.
    Process rm =
        new ProcessBuilder("rm", "-rf", "--one-file-system", "--", folder.toString()).start();
    assertThat(rm.waitFor()).as("removing " + folder).isZero();
  }

  /** The folder that {@code .ci/containerd} unpacks; without it the test is skipped. */
  private static UnpackedPrograms programs() {
    boolean inCi = "true".equals(System.getenv("CI"));
    boolean root = "root".equals(System.getProperty("user.name"));
    assumeTrue(root || inCi, "containers need root");
    return UnpackedPrograms.of("containerd");
  }
}
