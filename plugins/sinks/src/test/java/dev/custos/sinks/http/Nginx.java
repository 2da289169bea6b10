package dev.custos.sinks.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.testkit.UnpackedPrograms;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real nginx with a configuration of a test's own: in the foreground, and as one process, which
 * can be killed without leaving another that still listens.
 */
final class Nginx implements AutoCloseable {
  private static final int TRIES = 5;

  private final Path folder;
  private final String server;
  private int port;
  private Process process;

  /**
   * Starts it.
   *
   * @param server what stands within {@code server { ... }}, with PORT for its port
   */
  Nginx(Path folder, String server) throws Exception {
    this.folder = Files.createDirectories(folder);
    this.server = server;
    // The port is free when it is chosen; somebody else may be faster.
    for (int i = 0; i < TRIES && !isRunning(); i++) {
      port = freePort();
      start();
    }
    assertThat(isRunning()).as("nginx: %s", said()).isTrue();
  }

  /**
   * A free port below those that the kernel hands out (ip(7), ip_local_port_range), so that nobody
   * is given it while nginx is down.
   */
  private static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Taken: the next turn tries another one.
      }
    }
  }

  int port() {
    return port;
  }

  /** Starts it on the port that it had. */
  void start() throws Exception {
    Path conf = folder.resolve("nginx.conf");
    Files.writeString(
        conf,
        """
        daemon off;
        master_process off;
        error_log stderr info;
        pid %1$s/pid;
        events { worker_connections 64; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          server {
        %2$s
          }
        }
        """
            .formatted(folder, server.replace("PORT", Integer.toString(port))));
    process =
        UnpackedPrograms.of("nginx")
            .command(
                "usr/sbin/nginx", "-p", folder.toString(), "-c", conf.toString(), "-e", "stderr")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("said").toFile()))
            .start();
    Awaitility.await("nginx listens, or gives up")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !process.isAlive() || accepts());
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isRunning() {
    return process != null && process.isAlive();
  }

  private String said() throws IOException {
    Path said = folder.resolve("said");
    return Files.exists(said) ? Files.readString(said) : "";
  }

  /** Ends it as a power cut does. */
  void kill() throws Exception {
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("dies").isTrue();
  }

  @Override
  public void close() {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
  }
}
