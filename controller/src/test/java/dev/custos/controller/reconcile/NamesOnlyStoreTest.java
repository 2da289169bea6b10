package dev.custos.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.controller.crd.ArgusWatcher;
import org.junit.jupiter.api.Test;

class NamesOnlyStoreTest {
  private final NamesOnlyStore<ArgusWatcher> store = new NamesOnlyStore<>(ArgusWatcher::new);

  @Test
  void whatIsGoneCanBeNamed() {
    assertThat(store.put("u1", watcher("u1", "7"))).isNull();
    assertThat(store.put("u1", watcher("u1", "8")).getMetadata().getResourceVersion())
        .isEqualTo("7");
    ArgusWatcher gone = store.remove("u1");
    assertThat(gone.getMetadata().getUid()).isEqualTo("u1");
    assertThat(gone.getMetadata().getNamespace()).isEqualTo("ns");
    assertThat(gone.getMetadata().getName()).isEqualTo("w");
    assertThat(gone.getMetadata().getResourceVersion()).isEqualTo("8");
    assertThat(store.remove("u1")).isNull();
    assertThat(store.size()).isZero();
  }

  @Test
  void anObjectThatIsMadeAgainUnderItsNameIsAnother() {
    store.put(store.getKey(watcher("u1", "7")), watcher("u1", "7"));
    store.put(store.getKey(watcher("u2", "9")), watcher("u2", "9"));
    assertThat(store.keySet()).containsExactlyInAnyOrder("u1", "u2");
    assertThat(store.values()).hasSize(2);
    assertThat(store.get("u2").getSpec()).isNull();
  }

  private static ArgusWatcher watcher(String uid, String version) {
    ArgusWatcher watcher = new ArgusWatcher();
    watcher.getMetadata().setUid(uid);
    watcher.getMetadata().setNamespace("ns");
    watcher.getMetadata().setName("w");
    watcher.getMetadata().setResourceVersion(version);
    return watcher;
  }
}
