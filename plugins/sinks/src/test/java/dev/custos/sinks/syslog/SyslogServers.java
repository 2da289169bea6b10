package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the real servers are that {@code .ci/syslog-servers} unpacks, and ports for them. */
final class SyslogServers {
  private SyslogServers() {}

  /** The root of the file system of one of them; the test is skipped if it is not there. */
  static Path root(String server) {
    Path root = folder().resolve(server);
    boolean there = Files.isRegularFile(root.resolve("libraries"));
    if (System.getenv("CI") != null && System.getenv("CI").equals("true")) {
      assertThat(there).as("%s is missing; .ci/syslog-servers unpacks it", root).isTrue();
    }
    assumeTrue(there, root + " is missing; .ci/syslog-servers unpacks it");
    return root;
  }

  private static Path folder() {
    Optional<String> given = Optional.ofNullable(System.getenv("CUSTOS_SYSLOG_SERVERS"));
    if (given.isPresent()) {
      return Path.of(given.get());
    }
    String cache =
        Stream.of(
                Optional.ofNullable(System.getenv("CUSTOS_CACHE")),
                Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).map(home -> home + "/custos"))
            .flatMap(Optional::stream)
            .findFirst()
            .orElse(System.getProperty("user.home") + "/.cache/custos");
    return Path.of(cache, "syslog-servers");
  }

  /** What {@code LD_LIBRARY_PATH} has to be. */
  static String libraries(Path root) throws IOException {
    return Files.readAllLines(root.resolve("libraries")).stream()
        .map(folder -> root.resolve(folder).normalize().toString())
        .collect(Collectors.joining(":"));
  }

  /** A file below a root, by its name. */
  static Path find(Path root, String name) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.getFileName().toString().equals(name))
          .findFirst()
          .orElseThrow(() -> new IOException(name + " is not below " + root));
    }
  }

  /** A port that is free for TCP and UDP; the servers can't be given one by the kernel. */
  static int freePort() throws IOException {
    OptionalInt port = tryPort();
    while (port.isEmpty()) {
      port = tryPort();
    }
    return port.getAsInt();
  }

  private static OptionalInt tryPort() throws IOException {
    try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[4]));
        DatagramSocket udp = new DatagramSocket(tcp.getLocalPort())) {
      return OptionalInt.of(udp.getLocalPort());
    } catch (BindException e) {
      // Free for TCP alone.
      return OptionalInt.empty();
    }
  }

  /** Whether somebody listens: /proc/net/tcp and its kin, proc(5). */
  static boolean isOpen(String protocol, int port) throws IOException {
    String local = String.format(":%04X", port);
    // TCP_LISTEN; a UDP socket that waits is in TCP_CLOSE.
    String state = protocol.equals("tcp") ? "0A" : "07";
    for (String table : List.of("/proc/net/" + protocol, "/proc/net/" + protocol + "6")) {
      boolean found =
          Files.readAllLines(Path.of(table)).stream()
              .map(line -> line.strip().split("\\s+", 5))
              .anyMatch(f -> f.length > 4 && f[1].endsWith(local) && f[3].equals(state));
      if (found) {
        return true;
      }
    }
    return false;
  }
}
