package dev.custos.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.custos.spi.ApplyReport;
import dev.custos.spi.BackendException;
import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import dev.custos.spi.watch.WatchBackend;
import dev.custos.spi.watch.WatchBackendProvider;
import dev.custos.spi.watch.WatchPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A watch backend on a directory of its own, which is its target's root. Paths are written as the
 * target sees them: {@code /data/a}. Changes are made by other processes or plain system calls, so
 * that a backend sees them as it will see a container's.
 */
public final class WatchBench implements AutoCloseable {
  /** Far longer than any promise needs; only a broken one waits for it. */
  public static final Duration DEADLINE = Duration.ofSeconds(60);

  /** What the bench's clock shows from the start. */
  public static final Instant NOON = Instant.parse("2026-06-15T12:00:00.123456789Z");

  private static final String SETTLE = "/settle";

  private final Path root;
  private final Function<Path, Target> targets;
  private final TestBackendContext context;
  private final ManualClock clock = ManualClock.at(NOON);
  private final WatchBackend backend;
  private final Target target;
  private final Subject settling = subject("settling");
  private List<Watch> applied = List.of();
  private int settled;

  /**
   * Opens a backend of this provider.
   *
   * @param root an empty directory, by its real path
   * @param targets makes a target of a root directory, with an id of its own at each call
   */
  public WatchBench(
      WatchBackendProvider provider, Config config, Path root, Function<Path, Target> targets)
      throws BackendException {
    this.root = root;
    this.targets = targets;
    this.context = TestBackendContext.builder().config(config).clock(clock).build();
    mkdir(SETTLE);
    this.target = targets.apply(root);
    this.backend = provider.open(context);
  }

  public Path root() {
    return root;
  }

  public Target target() {
    return target;
  }

  /** A further target; its root is a directory of the bench. */
  public Target anotherTarget(String path) {
    return targets.apply(file(path));
  }

  public WatchBackend backend() {
    return backend;
  }

  public TestBackendContext context() {
    return context;
  }

  public ManualClock clock() {
    return clock;
  }

  public RecordingPublisher events() {
    return context.events();
  }

  public static Subject subject(String name) {
    return new Subject("ArgusWatcher", "contract", name, 0, Map.of("by", "contract"));
  }

  /** Applies these watches to the target, and one more that {@link #settle} stands on. */
  public ApplyReport apply(Watch... watches) {
    return apply(Arrays.asList(watches));
  }

  /** Applies these watches to the target, and one more that {@link #settle} stands on. */
  public ApplyReport apply(Collection<Watch> watches) {
    List<Watch> all = new ArrayList<>(watches);
    all.add(WatchBuilder.watch(settling, SETTLE).kinds(ChangeKind.CREATE).build());
    return applyExactly(target, all);
  }

  /** Applies these watches and no others. */
  public ApplyReport applyExactly(Target to, List<Watch> watches) {
    if (to.equals(target)) {
      applied = watches;
    }
    try {
      return backend.apply(new WatchPlan(to, watches));
    } catch (BackendException e) {
      throw new AssertionError("the backend says that it is dead: " + e.getMessage(), e);
    }
  }

  /**
   * Returns when everything that happened before is published: makes one more change and waits for
   * its event, because a target's events are published in the order in which they happened. Then
   * applies the plan once more, which changes nothing and returns when every path was looked at and
   * everything listed: what is found by looking may come later than the event.
   */
  public void settle() {
    FilePath name = FilePath.of("now-" + settled++);
    touch(SETTLE + "/" + name.text());
    events().awaitEvent(e -> e.subject().equals(settling) && e.file().equals(name), DEADLINE);
    applyExactly(target, applied);
  }

  /** Waits for an event, given in the words of {@link EventText#brief}. */
  public IntegrityEvent await(Subject subject, String brief) {
    return events()
        .awaitEvent(e -> e.subject().equals(subject) && EventText.brief(e).equals(brief), DEADLINE);
  }

  /** What a subject was told up to now, in the words of {@link EventText#brief}. */
  public List<String> told(Subject subject) {
    return events().eventsOf(subject).stream().map(EventText::brief).toList();
  }

  /** Where a path of the target lies for this process. */
  public Path file(String path) {
    return root.resolve(path.substring(1));
  }

  public void mkdir(String path) {
    io(() -> Files.createDirectory(file(path)));
  }

  public void touch(String path) {
    io(() -> Files.createFile(file(path)));
  }

  public void rename(String from, String to) {
    io(() -> Files.move(file(from), file(to)));
  }

  /** Runs a script of sh(1) in the target's root directory. */
  public void sh(String script) {
    io(
        () -> {
          Process sh =
              new ProcessBuilder("/bin/sh", "-ec", script)
                  .directory(root.toFile())
                  .redirectErrorStream(true)
                  .start();
          sh.getOutputStream().close();
          String said = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          boolean ended = sh.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
          assertThat(ended && sh.exitValue() == 0).as("sh -c '%s': %s", script, said).isTrue();
          return null;
        });
  }

  /** The bytes as a word of sh(1), whatever they are but NUL and a newline at the end. */
  public static String shWord(byte[] bytes) {
    StringBuilder octal = new StringBuilder();
    for (byte b : bytes) {
      octal.append(String.format("\\%03o", b & 0xff));
    }
    return "\"$(printf '" + octal + "')\"";
  }

  /**
   * Creates files {@code f0}, {@code f1}... in a directory, one after the other on a thread of its
   * own, for as long as {@code meanwhile} runs.
   *
   * @return how many were made
   */
  public int createFilesDuring(String directory, Runnable meanwhile) {
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger made = new AtomicInteger();
    Thread creator =
        new Thread(
            () -> {
              // Less than the smallest queue in the kernel can be sure to hold.
              while (!enough.get() && made.get() < 4000) {
                touch(directory + "/f" + made.getAndIncrement());
              }
            },
            "creator");
    creator.start();
    try {
      events().awaitEvent(e -> e.file().equals(FilePath.of("f0")), DEADLINE);
      meanwhile.run();
    } finally {
      enough.set(true);
      io(
          () -> {
            creator.join(DEADLINE.toMillis());
            return null;
          });
    }
    assertThat(creator.isAlive()).isFalse();
    return made.get();
  }

  @Override
  public void close() {
    backend.close();
    // Names that are no text are easier for rm than for a test framework's cleaning.
    sh("chmod -R u+rwx . && rm -rf ./*");
  }

  /** What may fail with an I/O error or be interrupted. */
  private interface Io {
    Object run() throws IOException, InterruptedException;
  }

  private static void io(Io action) {
    try {
      action.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
