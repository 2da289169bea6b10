package dev.custos.dist;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An OCI bundle for runc in which an agent runs as the shipped DaemonSet wants it: privileged, over
 * a root file system that it can't write to, with mounts and a cgroup namespace of its own and the
 * node's processes. In place of the image, which takes a registry to build, are this machine's
 * {@code /usr}, read-only, and the distribution at its place; in place of the pod's network is the
 * machine's.
 */
final class AgentBundle {
  /** By their numbers, capabilities(7). */
  private static final String[] CAPABILITIES =
      ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP"
              + " LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK"
              + " IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT"
              + " SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE"
              + " AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND"
              + " AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")
          .split(" ");

  private final Path root;
  private final List<Map<String, Object>> mounts = new ArrayList<>();

  private AgentBundle(Path root) {
    this.root = root;
  }

  /**
   * Writes the bundle.
   *
   * @param volumes what the kubelet would mount, by the names of the DaemonSet's volumes; a volume
   *     that is not among them is an empty one
   * @param controller where the controller is, which no cluster DNS tells here
   */
  static void write(
      Path folder,
      KubernetesClient admin,
      String cgroup,
      String node,
      String controller,
      Map<String, Path> volumes)
      throws IOException {
    PodSpec pod = shipped(admin);
    Container agent = pod.getContainers().get(0);
    AgentBundle bundle = new AgentBundle(Files.createDirectories(folder.resolve("rootfs")));
    bundle.mountSystem();
    bundle.mountImage();
    for (VolumeMount mount : agent.getVolumeMounts()) {
      Path source = volumes.get(mount.getName());
      String access = Boolean.TRUE.equals(mount.getReadOnly()) ? "ro" : "rw";
      if (source == null) {
        bundle.mount("tmpfs", "tmpfs", mount.getMountPath(), access);
      } else {
        bundle.mount("bind", source.toString(), mount.getMountPath(), "rbind", access);
      }
    }
    List<String> command = new ArrayList<>(agent.getCommand());
    for (String argument : agent.getArgs()) {
      boolean address = command.get(command.size() - 1).equals("--controller");
      command.add(address ? controller : argument.replace("$(NODE_NAME)", node));
    }
    Files.writeString(
        folder.resolve("config.json"),
        Serialization.asJson(bundle.config(pod, agent, command, cgroup)));
  }

  private static PodSpec shipped(KubernetesClient admin) throws IOException {
    Path file = Distribution.home().resolve("kubernetes/4-agent.yaml");
    try (InputStream yaml = Files.newInputStream(file)) {
      return admin.load(yaml).items().stream()
          .filter(DaemonSet.class::isInstance)
          .map(object -> ((DaemonSet) object).getSpec().getTemplate().getSpec())
          .findFirst()
          .orElseThrow();
    }
  }

  private void mountSystem() throws IOException {
    mount("proc", "proc", "/proc");
    mount("tmpfs", "tmpfs", "/dev", "nosuid", "mode=755", "size=65536k");
    mount("tmpfs", "shm", "/dev/shm", "nosuid", "noexec", "nodev", "size=65536k");
    mount("sysfs", "sysfs", "/sys", "nosuid", "noexec", "nodev");
    mount("cgroup", "cgroup", "/sys/fs/cgroup", "nosuid", "noexec", "nodev");
  }

  private void mountImage() throws IOException {
    for (String name : List.of("usr", "bin", "sbin", "lib", "lib64")) {
      Path ours = Path.of("/" + name);
      if (Files.isSymbolicLink(ours)) {
        Files.createSymbolicLink(root.resolve(name), Files.readSymbolicLink(ours));
      } else if (Files.isDirectory(ours)) {
        mount("bind", ours.toString(), ours.toString(), "rbind", "ro");
      }
    }
    String java = System.getProperty("java.home");
    if (!java.startsWith("/usr/")) {
      mount("bind", java, java, "rbind", "ro");
    }
    // Debian's JDKs keep their settings and what they trust there.
    try (DirectoryStream<Path> settings =
        Files.newDirectoryStream(Path.of("/etc"), "{java-*,ssl}")) {
      for (Path ours : settings) {
        mount("bind", ours.toString(), ours.toString(), "rbind", "ro");
      }
    }
    mount("bind", Distribution.home().toString(), "/opt/custos", "rbind", "ro");
  }

  private void mount(String type, String source, String place, String... options)
      throws IOException {
    // Made here, because what is mounted on may be read-only in the container.
    Files.createDirectories(root.resolve(place.substring(1)));
    mounts.add(Map.of("type", type, "source", source, "destination", place, "options", options));
  }

  private Map<String, Object> config(
      PodSpec pod, Container agent, List<String> command, String cgroup) throws IOException {
    if (!agent.getSecurityContext().getPrivileged() || !pod.getHostPID()) {
      throw new IllegalStateException("the DaemonSet is not as this bundle takes it to be");
    }
    List<String> capabilities = capabilities();
    Map<String, Object> process =
        Map.of(
            "user",
            Map.of("uid", agent.getSecurityContext().getRunAsUser(), "gid", 0),
            "args",
            command,
            "env",
            List.of(
                "PATH=/opt/custos/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "JAVA_HOME=" + System.getProperty("java.home")),
            "cwd",
            "/",
            "capabilities",
            Map.of("bounding", capabilities, "effective", capabilities, "permitted", capabilities));
    Quantity memory = agent.getResources().getLimits().get("memory");
    Map<String, Object> linux =
        Map.of(
            "namespaces",
            Stream.of("mount", "ipc", "uts", "cgroup").map(type -> Map.of("type", type)).toList(),
            "resources",
            Map.of(
                "devices",
                List.of(Map.of("allow", true, "access", "rwm")),
                "memory",
                Map.of("limit", Quantity.getAmountInBytes(memory).longValueExact())),
            "cgroupsPath",
            cgroup);
    return Map.of(
        "ociVersion",
        "1.0.2",
        "process",
        process,
        "root",
        Map.of(
            "path", "rootfs", "readonly", agent.getSecurityContext().getReadOnlyRootFilesystem()),
        "mounts",
        mounts,
        "linux",
        linux);
  }

  /** All that this machine lets go of, which is what privileged means. */
  private static List<String> capabilities() throws IOException {
    String bounding =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapBnd:"))
            .map(line -> line.substring("CapBnd:".length()).strip())
            .findFirst()
            .orElseThrow();
    BigInteger bits = new BigInteger(bounding, 16);
    return IntStream.range(0, CAPABILITIES.length)
        .filter(bits::testBit)
        .mapToObj(number -> "CAP_" + CAPABILITIES[number])
        .toList();
  }
}
