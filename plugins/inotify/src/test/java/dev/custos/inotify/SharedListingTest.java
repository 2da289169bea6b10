package dev.custos.inotify;

import static dev.custos.testkit.WatchBench.subject;
import static dev.custos.testkit.WatchBuilder.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.spi.Target;
import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.LossReason;
import dev.custos.spi.event.Subject;
import dev.custos.spi.watch.Watch;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Targets that share directories, each with an inotify instance of its own. */
class SharedListingTest extends KernelTest {
  private static final Set<ChangeKind> LISTING =
      Set.of(ChangeKind.OPEN, ChangeKind.ACCESS, ChangeKind.CLOSE_NOWRITE);

  private final Subject listener = subject("listener");
  private final Subject other = subject("other");
  private Target host;
  private Target pod;

  @BeforeEach
  void share() {
    bench().sh("mkdir pods");
    mountTmpfs("/pods"); // a disk would take most of the time
    bench().sh("mkdir -p pods/one/vol/a/b/c pods/one/vol/d/e pods/one/vol/f container/vol");
    bindMount("/pods/one/vol", "/container/vol");
    host = bench().anotherTarget("/pods");
    pod = bench().anotherTarget("/container");
  }

  private static Watch hears(Subject subject, String path) {
    return watch(subject, path).kinds(LISTING).recursive().build();
  }

  private static Watch creates(Subject subject, String path) {
    return watch(subject, path).kinds(ChangeKind.CREATE).recursive().build();
  }

  /** A user's own listing of the top: what the listener hears, and all that it hears. */
  private void nothingButAUsersListingIsHeard(String path) {
    bench().sh("ls container/vol/f");
    nothingButTheListingIsHeard(listener, path);
  }

  private void nothingButTheListingIsHeard(Subject subject, String path) {
    bench().await(subject, "CLOSE_NOWRITE directory " + path + "/f");
    bench().await(subject, "CLOSE_NOWRITE directory " + path + ": f");
    assertThat(bench().told(subject))
        .isNotEmpty()
        .allMatch(told -> told.endsWith(path + "/f") || told.endsWith(path + ": f"));
  }

  @Test
  void aTargetDoesNotHearAnotherTargetsDirectoriesBeingListedAtFirst() {
    bench().applyExactly(host, List.of(hears(listener, "/one")));

    bench().applyExactly(pod, List.of(creates(other, "/vol")));

    nothingButAUsersListingIsHeard("/one/vol");
  }

  @Test
  void noneOfTwoTargetsThatBothListenHearsTheOther() {
    Watch podHears = hears(other, "/vol");
    bench().applyExactly(host, List.of(hears(listener, "/one")));

    bench().applyExactly(pod, List.of(podHears));
    bench().applyExactly(host, List.of());
    bench().applyExactly(host, List.of(hears(listener, "/one")));

    nothingButAUsersListingIsHeard("/one/vol");
    nothingButTheListingIsHeard(other, "/vol");
  }

  @Test
  void directoriesThatAppearAreListedUnheard() {
    bench().applyExactly(pod, List.of(creates(other, "/vol")));
    bench().applyExactly(host, List.of(hears(listener, "/one/vol")));

    bench().sh("cd container/vol; mkdir new; mkdir new/deep; : > new/deep/file");
    bench().await(other, "CREATE file /vol/new/deep: file");
    bench().applyExactly(pod, List.of(creates(other, "/vol")));

    bench().sh("ls container/vol/f");
    bench().await(listener, "CLOSE_NOWRITE directory /one/vol/f");
    assertThat(bench().told(listener)).noneMatch(told -> told.contains("directory /one/vol/new"));
  }

  @Test
  void aTargetThatBeginsToListenHearsNothingOfAListingThatRuns() {
    bench().sh("cd pods/one/vol/a; mkdir $(seq 500); mkdir $(seq -f %g/x 500)");
    for (int round = 0; round < 3; round++) {
      Thread listing =
          new Thread(() -> bench().applyExactly(pod, List.of(creates(other, "/vol"))), "host");
      listing.start();
      bench().applyExactly(host, List.of(hears(listener, "/one")));
      join(listing);
      nothingButAUsersListingIsHeard("/one/vol");
      bench().applyExactly(host, List.of());
      bench().applyExactly(pod, List.of());
      bench().events().clear();
    }
  }

  @Test
  void theRescanAfterAnOverflowIsHeardByNobody() {
    Watch top = watch(listener, "/one/vol").kinds(LISTING).build();
    Watch below = hears(listener, "/one/vol/f");
    bench().applyExactly(pod, List.of(creates(other, "/vol")));
    bench().applyExactly(host, List.of(top, below, hears(listener, "/one/vol/a")));

    provider.hold(() -> bench().touch("/container/vol/d/first"));
    bench().sh("cd container/vol/d; touch $(seq 17000)");
    provider.letGo();
    awaitLoss(other, LossReason.KERNEL_QUEUE_OVERFLOW);
    bench().applyExactly(pod, List.of(creates(other, "/vol")));

    nothingButAUsersListingIsHeard("/one/vol");
    assertThat(losses(listener)).isEmpty();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
