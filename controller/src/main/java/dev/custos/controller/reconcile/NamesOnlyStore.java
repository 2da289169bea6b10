package dev.custos.controller.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What an informer remembers of its objects: which there are, under what name, in what version.
 * That is enough to find out after a new listing what is gone, and to say so by name even if nobody
 * saw it go. An object comes back out of it with nothing else.
 *
 * @param <T> a kind
 */
final class NamesOnlyStore<T extends HasMetadata> implements ItemStore<T> {
  private record Name(String namespace, String name, String version) {}

  private final Supplier<T> blank;
  private final Map<String, Name> byUid = new ConcurrentHashMap<>();

  /**
   * @param blank makes an object without anything in it
   */
  NamesOnlyStore(Supplier<T> blank) {
    this.blank = blank;
  }

  // By uid: an object that was deleted and made again under its old name is another one.
  @Override
  public String getKey(T object) {
    return object.getMetadata().getUid();
  }

  @Override
  public T put(String uid, T object) {
    return object(
        uid,
        byUid.put(
            uid,
            new Name(
                object.getMetadata().getNamespace(),
                object.getMetadata().getName(),
                object.getMetadata().getResourceVersion())));
  }

  @Override
  public T remove(String uid) {
    return object(uid, byUid.remove(uid));
  }

  @Override
  public T get(String uid) {
    return object(uid, byUid.get(uid));
  }

  @Override
  public Stream<String> keySet() {
    return byUid.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return byUid.entrySet().stream().map(e -> object(e.getKey(), e.getValue()));
  }

  @Override
  public int size() {
    return byUid.size();
  }

  /** False has the informer pass on each object as it came, and not as it is in here. */
  @Override
  public boolean isFullState() {
    return false;
  }

  private T object(String uid, Name name) {
    if (name == null) {
      return null;
    }
    T object = blank.get();
    object.setMetadata(
        new ObjectMetaBuilder()
            .withUid(uid)
            .withNamespace(name.namespace())
            .withName(name.name())
            .withResourceVersion(name.version())
            .build());
    return object;
  }
}
