package dev.custos.dist;

import dev.custos.testkit.UnpackedPrograms;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A real rsyslogd that takes RELP, from where {@code .ci/syslog-servers} unpacks it. */
final class RsyslogEndpoint implements FlakyEndpoint {
  private static final int TAIL = 64 * 1024;
  private static final int STARTS = 6;

  private final Path folder;
  private final UnpackedPrograms programs;
  private final int port;
  private Process process;

  RsyslogEndpoint(Path folder, SplittableRandom random) throws IOException, InterruptedException {
    this.folder = Files.createDirectory(folder);
    this.programs = UnpackedPrograms.of("syslog-servers", "rsyslog");
    this.port = freePort(random);
    Files.createFile(file());
    // A direct queue: a message is in the file before the server acknowledges it.
    Files.writeString(
        folder.resolve("rsyslog.conf"),
        """
        global(workDirectory="%1$s")
        template(name="raw" type="string" string="%%rawmsg%%\\n")
        ruleset(name="all" queue.type="Direct") {
          action(type="omfile" file="%2$s" template="raw")
        }
        module(load="imrelp" ruleset="all")
        input(type="imrelp" port="%3$d" maxDataSize="16k")
        """
            .formatted(folder, file(), port));
    comeBack();
  }

  /**
   * A free port below those that the kernel gives to connections: while the server is dead, nobody
   * gets it for one, and a client that tries to connect can't by chance reach itself.
   */
  static int freePort(SplittableRandom random) throws IOException {
    while (true) {
      int port = random.nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByAddress(new byte[4]))) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Taken: the next one.
      }
    }
  }

  @Override
  public String settings() {
    return settings("127.0.0.1");
  }

  /** The same for a sink that knows this host by another address. */
  String settings(String host) {
    return "type = syslog, transport = relp, address = \"" + host + ":" + port + "\"";
  }

  @Override
  public synchronized void die() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    // A kill can cut a write at a page's end. What was cut was not acknowledged, so it has to come
    // again; without its first half it does not spoil the next record's line.
    try (FileChannel file = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      file.truncate(wholeLines());
    }
  }

  @Override
  public synchronized void comeBack() throws IOException, InterruptedException {
    for (int start = 1; start <= STARTS; start++) {
      process = start();
      try {
        Awaitility.await("rsyslogd listens")
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(10))
            .until(() -> !process.isAlive() || isListening());
      } catch (ConditionTimeoutException e) {
        // It goes on without its input if it couldn't have the port.
        process.destroyForcibly().waitFor();
      }
      if (process.isAlive()) {
        return;
      }
    }
    throw new AssertionError("rsyslogd does not start: " + Files.readString(said()));
  }

  private Process start() throws IOException {
    Files.deleteIfExists(folder.resolve("pid"));
    return programs
        .command(
            "usr/sbin/rsyslogd",
            "-n",
            "-C",
            "-f",
            folder.resolve("rsyslog.conf").toString(),
            "-i",
            folder.resolve("pid").toString(),
            "-M",
            programs.find("imrelp.so").getParent().toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(said().toFile()))
        .start();
  }

  /** proc_net_tcp(5): 0A is TCP_LISTEN. */
  private boolean isListening() throws IOException {
    String local = String.format(":%04X", port);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      boolean found =
          Files.readAllLines(Path.of(table)).stream()
              .map(line -> line.strip().split("\\s+", 5))
              .anyMatch(f -> f.length > 4 && f[1].endsWith(local) && f[3].equals("0A"));
      if (found) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void behave() {
    // It always does, as long as it lives.
  }

  @Override
  public String last() throws IOException {
    String tail = tail();
    int end = tail.lastIndexOf('\n');
    return end < 0 ? "" : tail.substring(tail.lastIndexOf('\n', end - 1) + 1, end);
  }

  private long wholeLines() throws IOException {
    long size = Files.size(file());
    String tail = tail();
    return size - tail.length() + tail.lastIndexOf('\n') + 1;
  }

  /** The end of the file, a character for each byte. Far longer than a record can be. */
  private String tail() throws IOException {
    try (FileChannel file = FileChannel.open(file(), StandardOpenOption.READ)) {
      ByteBuffer tail = ByteBuffer.allocate(TAIL);
      long from = Math.max(0, file.size() - TAIL);
      int read = 0;
      while (read >= 0 && tail.hasRemaining()) {
        read = file.read(tail, from + tail.position());
      }
      return new String(tail.array(), 0, tail.position(), StandardCharsets.ISO_8859_1);
    }
  }

  @Override
  public Path file() {
    return folder.resolve("out.log");
  }

  private Path said() {
    return folder.resolve("said");
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }
  }
}
