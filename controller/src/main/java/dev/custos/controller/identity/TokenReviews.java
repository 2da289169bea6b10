package dev.custos.controller.identity;

import dev.custos.controller.api.ApiFault;
import dev.custos.controller.identity.AgentPods.AgentPod;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the API server say whose a token is, and the pod informer on which node that pod runs.
 *
 * <p>A few threads ask, so that however many agents come at once, the API server gets no more
 * questions at a time than that. A token that says of itself that it can't be an agent's is not
 * asked about, nor one that was denied a moment ago, nor any from an address that keeps sending bad
 * ones.
 */
public final class TokenReviews implements Admission, AutoCloseable {
  /** What agents' tokens are made for: one that leaks is of no use with the API server. */
  public static final String AUDIENCE = "custos";

  private static final Logger LOG = LoggerFactory.getLogger(TokenReviews.class);
  private static final String EXTRA = "authentication.kubernetes.io/";
  static final int THREADS = 8;

  /** More than there are agents in the largest cluster. */
  private static final int LONGEST_QUEUE = 20_000;

  private final AgentPods pods;
  private final TokenReviewer reviewer;
  private final Clock clock;
  private final Duration patience;
  private final Denials denials;
  private final ThreadPoolExecutor threads;

  /**
   * Asks nothing yet.
   *
   * @param patience how long an agent is kept waiting for the API server, its turn included
   */
  public TokenReviews(AgentPods pods, TokenReviewer reviewer, Clock clock, Duration patience) {
    this.pods = pods;
    this.reviewer = reviewer;
    this.clock = clock;
    this.patience = patience;
    this.denials = new Denials(clock);
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(LONGEST_QUEUE),
            task -> {
              Thread thread = new Thread(task, "token-review");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletableFuture<Verdict> judge(String token, String peer) {
    Optional<Verdict> known = withoutAsking(token, peer);
    if (known.isPresent()) {
      return CompletableFuture.completedFuture(known.get());
    }
    CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    try {
      threads.execute(
          () -> {
            // Whoever waited too long has been told so already.
            if (!verdict.isDone()) {
              verdict.complete(ask(token, peer));
            }
          });
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(
          new Verdict.TryLater("too many agents are waiting for their tokens to be reviewed"));
    }
    return verdict.completeOnTimeout(
        new Verdict.TryLater("the API server did not review the token in time"),
        patience.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private Optional<Verdict> withoutAsking(String token, String peer) {
    if (token.isEmpty()) {
      return Optional.of(new Verdict.Denied("no token: expected authorization: Bearer TOKEN"));
    }
    Optional<String> before = denials.remembered(token);
    if (before.isPresent()) {
      return before.map(Verdict.Denied::new);
    }
    if (denials.isPutOff(peer)) {
      return Optional.of(new Verdict.TryLater("too many bad tokens from this address"));
    }
    Optional<TokenClaims> claims = TokenClaims.read(token, AUDIENCE);
    if (claims.isEmpty()) {
      return Optional.of(new Verdict.Denied("the token is none of a ServiceAccount's that expire"));
    }
    if (!claims.get().forAgents()) {
      return Optional.of(new Verdict.Denied("the token is not for the audience " + AUDIENCE));
    }
    if (!claims.get().subject().equals(pods.account().userName())) {
      return Optional.of(notTheAccount());
    }
    if (!clock.instant().isBefore(claims.get().expires())) {
      return Optional.of(new Verdict.Denied("the token has expired"));
    }
    return Optional.empty();
  }

  private Verdict.Denied notTheAccount() {
    return new Verdict.Denied("the token is not of the agents' ServiceAccount " + pods.account());
  }

  private Verdict ask(String token, String peer) {
    // While this one waited for its turn, others from there may have been denied.
    Optional<Verdict> meanwhile = withoutAsking(token, peer);
    if (meanwhile.isPresent()) {
      return meanwhile.get();
    }
    TokenReviewStatus status;
    try {
      status = reviewer.review(token, AUDIENCE);
    } catch (RuntimeException e) {
      LOG.warn("a token can't be reviewed: {}", ApiFault.of(e).reason());
      return new Verdict.TryLater("the API server can't review the token now");
    }
    Verdict verdict = status == null ? denied("no answer") : read(token, status);
    if (verdict instanceof Verdict.Denied denied) {
      denials.add(token, peer, denied.reason());
    }
    return verdict;
  }

  private static Verdict.Denied denied(String reason) {
    return new Verdict.Denied("the API server does not accept the token: " + reason);
  }

  private Verdict read(String token, TokenReviewStatus status) {
    if (!Boolean.TRUE.equals(status.getAuthenticated())) {
      // Its reason may quote the token's content, and goes to who sent it anyway.
      return denied(status.getError() == null ? "not authenticated" : status.getError());
    }
    if (!orNone(status.getAudiences()).contains(AUDIENCE)) {
      return new Verdict.Denied("the token is not for the audience " + AUDIENCE);
    }
    UserInfo user = status.getUser();
    if (user == null || !pods.account().userName().equals(user.getUsername())) {
      return notTheAccount();
    }
    String uid = extra(user, "pod-uid");
    String name = extra(user, "pod-name");
    if (uid.isEmpty() || name.isEmpty()) {
      return new Verdict.Denied("the token is not bound to a pod");
    }
    return place(token, uid, name, extra(user, "node-name"));
  }

  private Verdict place(String token, String uid, String name, String node) {
    Optional<AgentPod> pod = pods.find(uid);
    if (pod.isEmpty() || pod.get().node().isEmpty()) {
      return new Verdict.TryLater("pod " + name + " is not known here yet");
    }
    AgentPod placed = pod.get();
    // From Kubernetes 1.32 on the token itself names the node, too.
    boolean sameNode = node.isEmpty() || node.equals(placed.node());
    if (!placed.name().equals(name) || !sameNode) {
      return new Verdict.Denied("the token is of another pod than it says");
    }
    return TokenClaims.read(token, AUDIENCE)
        .<Verdict>map(
            claims ->
                new Verdict.Admitted(new AgentIdentity(placed.node(), uid, name, claims.expires())))
        .orElseThrow();
  }

  private static String extra(UserInfo user, String key) {
    Map<String, List<String>> extra = user.getExtra();
    List<String> values = extra == null ? List.of() : orNone(extra.get(EXTRA + key));
    return values.size() == 1 ? values.get(0) : "";
  }

  private static List<String> orNone(List<String> list) {
    return list == null ? List.of() : list;
  }

  @Override
  public boolean isLive(AgentIdentity identity) {
    return pods.find(identity.podUid()).isPresent();
  }

  /** Asks nothing more; who still waits is told to try later. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
