package dev.custos.agent.watchdog;

import dev.custos.linux.NativeException;
import dev.custos.linux.UnixDatagramSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** What systemd is told where it started the agent: sd_notify(3). Not thread-safe. */
final class Systemd {
  private final UnixDatagramSocket socket;
  private final Duration deadline;

  private Systemd(UnixDatagramSocket socket, Duration deadline) {
    this.socket = socket;
    this.deadline = deadline;
  }

  /** Where the environment says so; else null. */
  static Systemd of(Map<String, String> environment) throws NativeException {
    String address = environment.get("NOTIFY_SOCKET");
    if (address == null || address.isEmpty()) {
      return null;
    }
    // WATCHDOG_PID is not looked at: it is the launcher's, whose part we play (NotifyAccess=all).
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean watched = micros.matches("[1-9][0-9]{0,17}");
    Duration deadline = watched ? Duration.ofNanos(Long.parseLong(micros) * 1000) : Duration.ZERO;
    return new Systemd(UnixDatagramSocket.connect(address), deadline);
  }

  /** How often it wants a sign of life; zero if it wants none. */
  Duration deadline() {
    return deadline;
  }

  /** Says something; what it has no room for is lost, as sd_notify(3) has it. */
  void say(String state) throws NativeException {
    byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocateDirect(bytes.length).put(bytes).clear();
    socket.send(message, bytes.length);
  }
}
