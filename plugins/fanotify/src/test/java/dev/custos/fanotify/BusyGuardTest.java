package dev.custos.fanotify;

import static dev.custos.testkit.GuardBuilder.guard;
import static dev.custos.testkit.GuardBuilder.subject;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.spi.Target;
import dev.custos.spi.event.AccessDecided;
import dev.custos.spi.event.AccessDecided.Response;
import dev.custos.spi.event.EventsLost;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.guard.Guard;
import dev.custos.spi.guard.GuardBackend;
import dev.custos.spi.guard.GuardPlan;
import dev.custos.testkit.TestBackendContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many that ask at once, while plans change, and what the kernel makes difficult. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BusyGuardTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int KILLED_AFTER_SECONDS = 150;
  private static final boolean LONG = Boolean.getBoolean("custos.long");

  // Arguments: processes, opens of each, files. Prints how often each file could be opened.
  private static final String OPENER =
      """
      use strict; my ($processes, $times, @files) = @ARGV; my @opened = (0) x @files;
      pipe(my $in, my $out);
      for (1 .. $processes) {
        next if fork;
        for (1 .. $times) {
          for my $i (0 .. $#files) { if (open(my $f, '<', $files[$i])) { $opened[$i]++; close $f } }
        }
        syswrite $out, "@opened\\n"; exit;
      }
      close $out; my @sum = (0) x @files;
      while (<$in>) { my @some = split; $sum[$_] += $some[$_] for 0 .. $#some }
      print "@sum\\n";
      """;

  private final Targets targets = new Targets();
  private final TestBackendContext context = TestBackendContext.builder().build();
  private final Subject web = subject("web");
  private Path root;
  private Process watchdog;
  private GuardBackend backend;
  private Target target;

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    boolean ci = "true".equals(System.getenv("CI"));
    Assumptions.assumeTrue(
        ci || new FanotifyProvider().probe().available(), "nothing can be guarded here");
    String kill = "timeout " + KILLED_AFTER_SECONDS + " cat; [ $? -ne 124 ] || kill -9 ";
    watchdog = new ProcessBuilder("/bin/sh", "-c", kill + ProcessHandle.current().pid()).start();
    root = directory.toRealPath();
    backend = new FanotifyProvider().open(context);
    target = targets.at(root, OptionalLong.empty());
  }

  @AfterEach
  void close() throws IOException {
    if (backend != null) {
      backend.close();
      context.assertThreadsEnded(DEADLINE);
    }
    targets.close();
    if (watchdog != null) {
      watchdog.getOutputStream().close();
    }
  }

  @Test
  void manyAtOnceAreAllAnsweredByThePlanAndAllTold() throws Exception {
    Path allowed = file("allowed");
    Path denied = file("denied");
    apply(guard(web).allow("/allowed").deny("/denied").build());
    int processes = 64;
    int times = LONG ? 1600 : 100;

    List<Integer> opened = answers(beginToOpen(processes, times, allowed, denied));

    assertThat(opened).containsExactly(processes * times, 0);
    long asked = 2L * processes * times;
    await().atMost(DEADLINE).until(() -> told() == asked);
    assertThat(decided())
        .allMatch(e -> (e.response() == Response.DENY) == e.path().toString().equals("/denied"));
  }

  /** What was reported, and what is reported as lost. */
  private long told() {
    long told = 0;
    for (IntegrityEvent event : context.events().events()) {
      if (event instanceof AccessDecided) {
        told++;
      } else if (event instanceof EventsLost lost && lost.reason() == LossReason.SINK_QUEUE_FULL) {
        told += lost.count().orElseThrow();
      }
    }
    return told;
  }

  private List<AccessDecided> decided() {
    return context.events().events().stream()
        .filter(AccessDecided.class::isInstance)
        .map(AccessDecided.class::cast)
        .toList();
  }

  @Test
  void anAnswerIsThatOfThePlanBeforeOrAfterAndNeverAThird() throws Exception {
    Path always = file("always/file");
    Path never = file("never/file");
    Path changing = file("changing/file");
    Guard one =
        guard(web).allow("/always", "/changing/file").deny("/never/file").reportDenied().build();
    Guard other =
        guard(subject("other"))
            .allow("/always/file")
            .deny("/never", "/changing")
            .reportDenied()
            .build();
    apply(one);
    int processes = 4;
    Process opener = beginToOpen(processes, LONG ? 50_000 : 2_000, always, never, changing);
    int plans = 0;
    for (; plans < 1000 || opener.isAlive(); plans++) {
      apply(plans % 2 == 0 ? other : one);
    }

    List<Integer> opened = answers(opener);

    assertThat(opened.get(0)).as("always allowed").isEqualTo(processes * (LONG ? 50_000 : 2_000));
    assertThat(opened.get(1)).as("never allowed").isZero();
    assertThat(decided())
        .extracting(e -> e.subject().name() + " " + e.response() + " " + e.rule())
        .allMatch(
            List.of(
                    "web DENY deny /never/file",
                    "other DENY deny /never",
                    "other DENY deny /changing")
                ::contains);
    assertThat(context.events().events()).noneMatch(BusyGuardTest::isRefusal);
  }

  @Test
  void aFileThatSomebodyHoldsALeaseOnIsDeniedByTheKernelAndThatIsTold() throws Exception {
    Path leased = file("leased");
    // F_SETLEASE is 1024, F_WRLCK 1. The lease is given up when the file is closed.
    String holder =
        "$SIG{IO} = 'IGNORE'; open(F, '+<', $ARGV[0]) or die; fcntl(F, 1024, 1) or die;"
            + " $| = 1; print \"held\\n\"; <STDIN>;";
    Process process = new ProcessBuilder("perl", "-e", holder, leased.toString()).start();
    try (var out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("held");
      apply(guard(web).allow("/leased").build());
      assertThat(answers(beginToOpen(1, 1, leased))).containsExactly(0);
      EventsLost lost =
          (EventsLost) context.events().awaitEvent(BusyGuardTest::isRefusal, DEADLINE);
      assertThat(lost.detail()).contains("lease");
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(answers(beginToOpen(1, 1, leased))).containsExactly(1);
  }

  @Test
  void theAgentItselfIsAnsweredOnAllItsThreadsWhileItsReaderIsBusy() throws Exception {
    Path own = file("own");
    apply(guard(web).deny("/own").reportDenied().build());
    Process opener = beginToOpen(8, 500, own);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; n < 200; n++) {
                  read(own);
                }
              });
      thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(answers(opener)).containsExactly(0);
  }

  @Test
  void readersThatAnswerAreProven() throws Exception {
    Path file = file("file");
    apply(guard(web).deny("/file").build());
    Process opener = beginToOpen(4, 2_000, file);
    int proofs = 0;
    while (opener.isAlive()) {
      proofs += backend.prove() ? 1 : 0;
    }
    assertThat(proofs).isPositive();
    assertThat(answers(opener)).containsExactly(0);
    // The questions are nobody's business.
    assertThat(decided()).allMatch(e -> e.path().toString().equals("/file"));
  }

  private static void read(Path file) {
    try {
      Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isRefusal(IntegrityEvent event) {
    return event instanceof EventsLost lost && lost.reason() == LossReason.LIMIT_REACHED;
  }

  private Path file(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "a line\n");
  }

  private void apply(Guard... guards) throws Exception {
    backend.apply(new GuardPlan(target, Arrays.asList(guards)));
  }

  private static Process beginToOpen(int processes, int times, Path... files) throws IOException {
    List<String> command = new ArrayList<>(List.of("timeout", "-s", "KILL", "100", "perl", "-e"));
    command.addAll(List.of(OPENER, Integer.toString(processes), Integer.toString(times)));
    for (Path file : files) {
      command.add(file.toString());
    }
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** How often each file could be opened. */
  private static List<Integer> answers(Process opener) throws Exception {
    String line = new String(opener.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(opener.waitFor()).as("everybody got an answer").isZero();
    return Arrays.stream(line.trim().split(" ")).map(Integer::valueOf).toList();
  }
}
