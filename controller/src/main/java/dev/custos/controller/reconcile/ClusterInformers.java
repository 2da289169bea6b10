package dev.custos.controller.reconcile;

import dev.custos.controller.crd.ArgusWatcher;
import dev.custos.controller.crd.FimWatcher;
import dev.custos.controller.crd.JanusGuard;
import dev.custos.controller.identity.AgentPods;
import dev.custos.controller.snapshot.ClusterChange;
import dev.custos.controller.snapshot.ClusterState;
import dev.custos.controller.snapshot.DesiredResource;
import dev.custos.controller.snapshot.ResourceKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link ClusterState} as the API server has it, and tells whom each change concerns. The
 * informers' own stores hold no more than names and versions; what matters is in the state.
 */
public final class ClusterInformers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterInformers.class);

  // Whole pods are large: a hundred thousand in one answer would be a gigabyte. Asking for pages
  // also has the server read its store: a list of any age, as an informer would ask for first, may
  // be older than what a replica before this one has acted on.
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final ClusterState state;
  private final AgentPods agents;
  private final Consumer<ClusterChange> changes;
  private final ListingFaults faults = new ListingFaults(System::nanoTime);
  private final List<SharedIndexInformer<? extends HasMetadata>> informers = new ArrayList<>();

  /**
   * @param agents told of the agents' own pods, which are no part of the state
   * @param changes called by the informers' threads; must not block
   */
  public ClusterInformers(
      KubernetesClient client,
      ClusterState state,
      AgentPods agents,
      Consumer<ClusterChange> changes) {
    this.client = client;
    this.state = state;
    this.agents = agents;
    this.changes = changes;
    informers.add(pods());
    informers.add(resources(ArgusWatcher.class, ArgusWatcher::new, Reduction::resource));
    informers.add(resources(FimWatcher.class, FimWatcher::new, Reduction::resource));
    informers.add(resources(JanusGuard.class, JanusGuard::new, Reduction::resource));
  }

  /**
   * Returns when the state is complete, however long the API server makes it wait. Before that no
   * snapshot may be made of it: it would take away from the agents what is only not listed yet.
   *
   * @return false if it was closed before
   */
  public boolean start() throws InterruptedException {
    List<CompletableFuture<?>> started = new ArrayList<>();
    informers.forEach(informer -> started.add(informer.start().toCompletableFuture()));
    try {
      CompletableFuture.allOf(started.toArray(CompletableFuture[]::new)).get();
      return true;
    } catch (ExecutionException e) {
      // An informer never gives up by itself; see goOn.
      LOG.debug("closed before all was listed", e);
      return false;
    }
  }

  /** Why kinds are not listed yet, a sentence each; empty if nothing is known to be wrong. */
  public List<String> notListed() {
    return informers.stream()
        .filter(i -> !i.hasSynced())
        .flatMap(i -> faults.last(i.getApiTypeClass()).stream())
        .toList();
  }

  /** The kinds that are not followed any more, though they should be. */
  public List<String> ended() {
    return informers.stream()
        .filter(i -> !i.isRunning())
        .map(i -> i.getApiTypeClass().getSimpleName())
        .toList();
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
  }

  private SharedIndexInformer<Pod> pods() {
    return informer(
        Pod.class,
        Pod::new,
        this::present,
        pod -> {
          agents.gone(pod.getMetadata().getUid());
          return removed(pod);
        });
  }

  private ClusterChange present(Pod pod) {
    agents.present(pod);
    return Reduction.pod(pod, agents.account()).map(state::put).orElseGet(() -> removed(pod));
  }

  private ClusterChange removed(Pod pod) {
    return state.removePod(pod.getMetadata().getUid());
  }

  private <T extends HasMetadata> SharedIndexInformer<T> resources(
      Class<T> type, Supplier<T> blank, Function<T, DesiredResource> reduction) {
    String kind = HasMetadata.getKind(type);
    return informer(
        type,
        blank,
        resource -> present(reduction.apply(resource)),
        resource ->
            state.removeResource(
                new ResourceKey(
                    kind, resource.getMetadata().getNamespace(), resource.getMetadata().getName()),
                resource.getMetadata().getUid()));
  }

  private ClusterChange present(DesiredResource resource) {
    ClusterChange change = state.put(resource);
    if (!resource.fault().isEmpty() && !change.resources().isEmpty()) {
      LOG.warn("{} is not carried out: {}", resource.key(), resource.fault());
    }
    return change;
  }

  // Else an informer would end for good at the first answer that it can't use. It waits longer and
  // longer between its attempts, half a minute at last.
  private boolean goOn(Class<? extends HasMetadata> type, Throwable fault) {
    faults.failed(type, fault).ifPresent(LOG::warn);
    return true;
  }

  private <T extends HasMetadata> SharedIndexInformer<T> informer(
      Class<T> type,
      Supplier<T> blank,
      Function<T, ClusterChange> present,
      Function<T, ClusterChange> gone) {
    return client
        .resources(type)
        .inAnyNamespace()
        .withLimit(PAGE)
        .runnableInformer(0)
        .itemStore(new NamesOnlyStore<>(blank))
        // An informer that begins with nothing reports that it has started before its handlers
        // have heard of what it listed. One that is given an initial state, of no object at all in
        // this case, waits for them.
        .initialState(Stream.empty())
        .exceptionHandler((started, fault) -> goOn(type, fault))
        .addEventHandler(
            new ResourceEventHandler<T>() {
              @Override
              public void onAdd(T object) {
                changes.accept(present.apply(object));
              }

              @Override
              public void onUpdate(T old, T object) {
                changes.accept(present.apply(object));
              }

              @Override
              public void onDelete(T object, boolean finalStateUnknown) {
                changes.accept(gone.apply(object));
              }
            });
  }
}
