package dev.custos.sinks.syslog;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Ports for real syslog servers. */
final class Ports {
  private Ports() {}

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
