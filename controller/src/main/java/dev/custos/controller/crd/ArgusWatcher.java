package dev.custos.controller.crd;

import dev.custos.manifest.WatcherSpec;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Files to watch in the containers of the pods it selects. */
@Group("arguscontroller.clustergarage.io")
@Version("v1alpha1")
@ShortNames("aw")
public class ArgusWatcher extends CustomResource<WatcherSpec, WatcherStatus> implements Namespaced {
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
