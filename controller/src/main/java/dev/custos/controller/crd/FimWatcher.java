package dev.custos.controller.crd;

import dev.custos.manifest.WatcherSpec;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** What an {@link ArgusWatcher} is, under its older name. */
@Group("fimcontroller.clustergarage.io")
@Version("v1alpha1")
@ShortNames("fw")
public class FimWatcher extends CustomResource<WatcherSpec, WatcherStatus> implements Namespaced {
  private static final long serialVersionUID = 1;

  // A record has no constructor without parameters, which the superclass would look for.
  @Override
  protected WatcherSpec initSpec() {
    return null;
  }

  @Override
  protected WatcherStatus initStatus() {
    return null;
  }
}
