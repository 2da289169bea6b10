package dev.custos.agent.bootstrap;

import dev.custos.agent.pipeline.SinkSpec;
import dev.custos.agent.plugin.PluginCatalog;
import dev.custos.agent.plugin.PluginException;
import dev.custos.spi.event.Finding;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends one event, marked as a test, to each sink by itself, and tells what came of it. */
public final class SinkCheck {
  /** The rule of the {@link Finding} that is sent. */
  public static final String RULE = "sinks-check";

  private static final Duration PAUSE = Duration.ofMillis(100);

  private SinkCheck() {}

  /** What came of a test. */
  public enum Outcome {
    /** The sink vouches for it, as far as it can at all. */
    SENT,
    /** The receiver answered, and does not want it. */
    REJECTED,
    /** There was no answer, or no connection. */
    UNREACHABLE
  }

  /**
   * What came of one sink's test.
   *
   * @param detail why it is not sent; empty if it is
   * @param took how long it took to know
   */
  public record Result(String sink, String type, Outcome outcome, String detail, Duration took) {}

  /**
   * Tests every sink, side by side.
   *
   * @param deadline how long each may take
   * @throws StartException if a setting is wrong; then nothing is sent
   */
  public static List<Result> run(AgentSettings settings, String spiVersion, Duration deadline)
      throws StartException, InterruptedException {
    try (PluginCatalog catalog = PluginCatalog.open(settings.pluginsDirectory(), spiVersion)) {
      catalog.require(settings.requiredPlugins());
      List<SinkSpec> specs = new ConfiguredSinks(catalog, Clock.systemUTC()).specs(settings);
      Map<SinkSettings, CompletableFuture<Result>> running = new LinkedHashMap<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < specs.size(); i++) {
        Test test = new Test(settings.sinks().get(i), specs.get(i), settings.node(), deadline);
        running.put(settings.sinks().get(i), test.result);
        Thread thread = new Thread(test, "custos-check-" + specs.get(i).name());
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
      List<Result> results = results(running, deadline);
      for (Thread thread : threads) {
        // What is still at it does not listen to time: it may let go of what it has.
        thread.interrupt();
        thread.join(PAUSE.toMillis());
      }
      return results;
    } catch (PluginException e) {
      throw StartException.cannotRun(e.getMessage(), e);
    }
  }

  private static List<Result> results(
      Map<SinkSettings, CompletableFuture<Result>> running, Duration deadline)
      throws InterruptedException {
    long until = System.nanoTime() + deadline.toNanos();
    List<Result> results = new ArrayList<>();
    for (Map.Entry<SinkSettings, CompletableFuture<Result>> entry : running.entrySet()) {
      SinkSettings sink = entry.getKey();
      try {
        results.add(
            entry.getValue().get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        String detail = "no answer within " + deadline.toMillis() + " ms";
        results.add(new Result(sink.name(), sink.type(), Outcome.UNREACHABLE, detail, deadline));
      } catch (ExecutionException e) {
        throw new IllegalStateException("a test always has a result", e);
      }
    }
    return results;
  }

  /** One sink's test, on a thread of its own. */
  private static final class Test implements Runnable {
    private final SinkSettings sink;
    private final SinkSpec spec;
    private final TestEvent event;
    private final Duration deadline;
    private final long began = System.nanoTime();
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    Test(SinkSettings sink, SinkSpec spec, String node, Duration deadline) {
      this.sink = sink;
      this.spec = spec;
      this.event = new TestEvent(spec.name(), Origin.ofNode(node));
      this.deadline = deadline;
    }

    @Override
    public void run() {
      try (Sink opened = spec.opener().open()) {
        write(opened);
      } catch (SinkException e) {
        finish(e.isPermanent() ? Outcome.REJECTED : Outcome.UNREACHABLE, e.getMessage());
      } catch (RuntimeException | LinkageError e) {
        finish(Outcome.REJECTED, "this is a fault of the plugin: " + e);
      } catch (InterruptedException e) {
        // Nobody waits for the result any more.
        Thread.currentThread().interrupt();
      }
    }

    private void write(Sink opened) throws SinkException, InterruptedException {
      while (System.nanoTime() - began < deadline.toNanos()) {
        WriteResult answer = opened.write(List.of(event));
        if (answer.done() > 0) {
          if (answer.rejected().isEmpty()) {
            finish(Outcome.SENT, "");
          } else {
            finish(Outcome.REJECTED, answer.rejected().get(0).reason());
          }
          return;
        }
        Duration wait = answer.retryAfter().orElse(PAUSE);
        if (wait.compareTo(deadline) > 0) {
          finish(Outcome.REJECTED, "wants to be left alone for " + wait.toSeconds() + " s");
          return;
        }
        TimeUnit.NANOSECONDS.sleep(wait.toNanos());
      }
    }

    private void finish(Outcome outcome, String detail) {
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      result.complete(new Result(sink.name(), sink.type(), outcome, detail, took));
    }
  }

  /** An event that nobody can take for one. */
  private static final class TestEvent implements RenderedEvent {
    private final String runId = UUID.randomUUID().toString();
    private final String text;
    private final IntegrityEvent event;

    TestEvent(String sink, Origin origin) {
      text = "test by custos sinks check for sink " + sink + "; nothing happened";
      event =
          Finding.builder(Subject.ofAgent(), origin)
              .time(Instant.now())
              .rule(RULE)
              .severity(Finding.Severity.INFORMATIONAL)
              .attributes(Map.of("test", "true", "sink", sink, "message", text))
              .build();
    }

    @Override
    public IntegrityEvent event() {
      return event;
    }

    @Override
    public String runId() {
      return runId;
    }

    @Override
    public long sequence() {
      return 1;
    }

    @Override
    public byte[] line() {
      return (event.eventName() + " " + RULE + " " + text).getBytes(StandardCharsets.UTF_8);
    }
  }
}
