package dev.custos.sinks.stdout;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Reads a pipe on a thread of its own, as whoever stands behind {@code |} does. */
final class LineReader {
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  LineReader(Fifo pipe) {
    Thread thread =
        new Thread(
            () -> {
              byte[] part = new byte[1 << 16];
              try {
                for (int n = pipe.read(part); n > 0; n = pipe.read(part)) {
                  synchronized (read) {
                    read.write(part, 0, n);
                  }
                }
              } catch (IOException e) {
                // The test is over and has closed the pipe.
              }
            },
            "line reader");
    thread.setDaemon(true);
    thread.start();
  }

  /** All lines so far, once there are this many. */
  List<String> lines(int atLeast) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> count() >= atLeast);
    return List.of(text().split("\n"));
  }

  private long count() {
    return text().chars().filter(c -> c == '\n').count();
  }

  private String text() {
    synchronized (read) {
      return read.toString(StandardCharsets.UTF_8);
    }
  }
}
