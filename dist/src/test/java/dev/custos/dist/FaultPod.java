package dev.custos.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A pod in whose container files are made, one after the other, and which knows what it made when.
 * One thread makes files; the others may look.
 */
final class FaultPod {
  /** Each a file system of its own, so that the kernel's watches can be told apart. */
  static final List<String> PATHS = List.of("/w", "/v");

  /** A guard denies it in some. */
  static final String SECRET = "/g/secret";

  /**
   * A file that there is, and between when it came to be.
   *
   * @param root of its container, another after each restart
   */
  record Made(long number, Path root, Instant before, Instant after) {}

  /** Somebody asked for the secret. */
  record Asked(boolean denied, Instant before, Instant after) {}

  private final String name;
  private final String node;
  private final ClusterPod pod;
  private final List<Made> made = new ArrayList<>();
  private final List<Asked> asked = new ArrayList<>();
  private String app;
  private volatile Path root;
  private volatile boolean ended;

  private FaultPod(String name, String node, String app, ClusterPod pod) throws IOException {
    this.name = name;
    this.node = node;
    this.app = app;
    this.pod = pod;
    this.root = pod.container().file("");
  }

  static FaultPod run(Cluster cluster, String namespace, String name, String node, String app)
      throws Exception {
    return new FaultPod(
        name,
        node,
        app,
        ClusterPod.run(
            cluster,
            namespace,
            name,
            node,
            app,
            request ->
                request
                    .tmpfs("/w")
                    .tmpfs("/v")
                    .tmpfs("/g")
                    .script("echo x >/g/secret; exec sleep 3600")));
  }

  String name() {
    return name;
  }

  String node() {
    return node;
  }

  String app() {
    return app;
  }

  boolean isRunning() {
    return root != null;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Makes a file in each directory, unless its container is away. */
  void makeFiles() {
    Path in = root;
    if (in == null) {
      return;
    }
    Instant before = Instant.now();
    long number = made().size();
    int there = 0;
    for (String path : PATHS) {
      try {
        Files.createFile(in.resolve(path.substring(1)).resolve("n" + number));
        there++;
      } catch (IOException | IllegalArgumentException goes) {
        // The container ends at this moment: what is not in all directories counts in none.
      }
    }
    if (there == PATHS.size()) {
      synchronized (made) {
        made.add(new Made(number, in, before, Instant.now()));
      }
    } else if (there > 0) {
      synchronized (made) {
        // A number is never given twice.
        made.add(new Made(-1, in, before, before));
      }
    }
  }

  /** Asks for the secret, as anybody who is not in the container's way does. */
  void ask() {
    Path in = root;
    if (in == null) {
      return;
    }
    Instant before = Instant.now();
    boolean denied;
    try (var stream = Files.newInputStream(in.resolve(SECRET.substring(1)))) {
      denied = stream.read() < 0;
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("not permitted")) {
        return;
      }
      denied = true;
    }
    synchronized (asked) {
      asked.add(new Asked(denied, before, Instant.now()));
    }
  }

  /** The files so far. */
  List<Made> made() {
    synchronized (made) {
      return List.copyOf(made);
    }
  }

  List<Asked> asked() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  void killContainer() throws IOException, InterruptedException {
    root = null;
    pod.container().kill();
  }

  /** Starts the next one, with an id of its own, after {@link #killContainer}. */
  void startNext() throws IOException, InterruptedException {
    pod.restartContainer();
    root = pod.container().file("");
  }

  /** Starts the same again, after {@link #killContainer}. */
  void startSame() throws IOException, InterruptedException {
    pod.container().startAgain();
    root = pod.container().file("");
  }

  void sayItRuns() {
    pod.sayItRuns();
  }

  void relabel(String next) throws Exception {
    pod.relabel(next);
    app = next;
  }

  void delete() throws IOException, InterruptedException {
    ended = true;
    root = null;
    pod.delete();
  }

  /** The device of a directory, as {@code fdinfo} has it; it is that of nothing else. */
  String device(String path) throws IOException {
    long device = (Long) Files.getAttribute(root.resolve(path.substring(1)), "unix:dev");
    // glibc's makedev(3) against the kernel's MKDEV, which has the major number above 20 bits.
    long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
    return Long.toHexString(major << 20 | minor);
  }

  @Override
  public String toString() {
    return name + (isRunning() ? "" : " (not running)");
  }
}
