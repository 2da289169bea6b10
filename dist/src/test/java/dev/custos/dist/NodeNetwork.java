package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A network namespace as that of a node of its own, with one wire to this host, which can be cut.
 * It ends with this JVM.
 */
final class NodeNetwork implements AutoCloseable {
  // RFC 2544: networks for measuring, which are nobody's.
  private static final String NET = "198.18.";

  private final String busybox;
  private final String wire;
  private final String host;
  private final Process holder;

  /** Makes it, with a wire that works. */
  NodeNetwork(Path busybox, SplittableRandom random) throws IOException, InterruptedException {
    this.busybox = busybox.toString();
    int net;
    int pair;
    String name;
    do {
      net = random.nextInt(256);
      pair = 4 * random.nextInt(64);
      name = "cv" + net + "-" + pair;
      // Taken, maybe by another build's: the next one.
    } while (Files.exists(Path.of("/sys/class/net", name)));
    this.wire = name;
    this.host = NET + net + "." + (pair + 1);
    String node = NET + net + "." + (pair + 2);
    // It reads until this JVM ends, whatever ends it.
    holder = new ProcessBuilder("unshare", "--net", "cat").start();
    Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
    await("a network namespace")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !Files.readSymbolicLink(namespace()).equals(own));
    // Made within, where names are free: the kernel calls the other end veth0.
    inside("link", "add", wire, "type", "veth");
    inside("link", "set", wire, "netns", Long.toString(ProcessHandle.current().pid()));
    inside("link", "set", "lo", "up");
    inside("addr", "add", node + "/30", "dev", "veth0");
    inside("link", "set", "veth0", "up");
    ip("addr", "add", host + "/30", "dev", wire);
    mend();
  }

  private Path namespace() {
    return Path.of("/proc/" + holder.pid() + "/ns/net");
  }

  /** What starts a command in it, before the command's own words. */
  List<String> enter() {
    return List.of("nsenter", "--net=" + namespace());
  }

  /** Where this host is, seen from within. */
  String host() {
    return host;
  }

  /** From now on what is sent vanishes; connections stay as they are. */
  void cut() throws IOException, InterruptedException {
    ip("link", "set", wire, "down");
  }

  void mend() throws IOException, InterruptedException {
    ip("link", "set", wire, "up");
  }

  private void inside(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(enter());
    command.addAll(List.of(busybox, "ip"));
    command.addAll(List.of(arguments));
    run(command);
  }

  private void ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(busybox, "ip"));
    command.addAll(List.of(arguments));
    run(command);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
  }

  /** The wire goes with the namespace, once nothing runs in it. */
  @Override
  public void close() {
    holder.destroyForcibly();
    holder.onExit().join();
  }
}
