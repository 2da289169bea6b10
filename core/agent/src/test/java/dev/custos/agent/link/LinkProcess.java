package dev.custos.agent.link;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A link in a JVM of its own, for what a JVM has only one of: how it finds addresses. */
final class LinkProcess {
  private LinkProcess() {}

  /** Starts one that looks names up in a file as hosts(5) describes it. */
  static Process start(Path hosts, String name, int port, Path state, Path said) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djdk.net.hosts.file=" + hosts,
            // What a JVM does by itself for 30 s, so that no patience hides it.
            "-Dsun.net.inetaddr.ttl=-1",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            LinkProcess.class.getName(),
            name,
            Integer.toString(port),
            state.toString())
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
  }

  public static void main(String[] arguments) throws Exception {
    RecordingLinkListener listener = new RecordingLinkListener();
    ControllerLink link =
        new ControllerLink(
            LinkSettings.of(
                arguments[0],
                Integer.parseInt(arguments[1]),
                "node-1",
                "1",
                Duration.ZERO,
                new LinkSecurity.PlainText()),
            List.of(),
            new FakeNode(),
            new SnapshotStore(Path.of(arguments[2])),
            listener);
    link.start();
    new CountDownLatch(1).await();
  }
}
