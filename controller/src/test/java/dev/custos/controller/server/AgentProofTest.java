package dev.custos.controller.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.custos.controller.identity.Admission;
import dev.custos.controller.identity.AgentIdentity;
import dev.custos.controller.identity.Verdict;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class AgentProofTest {
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Map<String, Verdict> verdicts = new ConcurrentHashMap<>();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AgentProof proof =
      new AgentProof(
          new Admission() {
            @Override
            public CompletableFuture<Verdict> judge(String token, String peer) {
              heard.add("asked about " + token);
              return CompletableFuture.completedFuture(verdicts.get(token));
            }

            @Override
            public boolean isLive(AgentIdentity identity) {
              return true;
            }
          },
          timer,
          "here",
          new AgentProof.Stream() {
            @Override
            public void proven(AgentIdentity identity) {
              heard.add("proven");
            }

            @Override
            public void refuse(Status status) {
              heard.add(status.getCode() + " " + status.getDescription());
            }
          });

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  private static Verdict holdsFor(Duration time) {
    return new Verdict.Admitted(
        new AgentIdentity("node-1", "uid", "agent", Instant.now().plus(time)));
  }

  @Test
  void aStreamOutlivesItsTokenIfTheNextOneComesInTime() {
    verdicts.put("first", holdsFor(Duration.ofSeconds(3)));
    verdicts.put("second", holdsFor(Duration.ofSeconds(5)));
    Instant firstEnds = Instant.now().plusSeconds(3);
    proof.begin("first");
    proof.renew("second");
    await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() > 3);
    assertThat(Instant.now()).isAfter(firstEnds.plusSeconds(1));
    assertThat(heard)
        .containsExactly(
            "asked about first",
            "proven",
            "asked about second",
            "UNAUTHENTICATED the token has expired");
  }

  @Test
  void aNextTokenThatCanNotBeReviewedNowIsTriedAgain() {
    verdicts.put("first", holdsFor(Duration.ofHours(1)));
    verdicts.put("second", new Verdict.TryLater("the API server is down"));
    proof.begin("first");
    proof.renew("second");
    verdicts.put("second", new Verdict.Denied("forged"));
    await().atMost(Duration.ofSeconds(30)).until(() -> heard.contains("UNAUTHENTICATED forged"));
    assertThat(heard.stream().filter("asked about second"::equals)).hasSize(2);
  }

  @Test
  void whatIsDeniedEndsTheStreamAndWhatIsUnknownAsksToComeAgain() {
    verdicts.put("bad", new Verdict.Denied("forged"));
    verdicts.put("early", new Verdict.TryLater("not known yet"));
    proof.begin("bad");
    proof.begin("early");
    assertThat(heard)
        .containsExactly(
            "asked about bad",
            "UNAUTHENTICATED forged",
            "asked about early",
            "UNAVAILABLE not known yet");
  }
}
