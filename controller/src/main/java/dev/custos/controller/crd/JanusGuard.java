package dev.custos.controller.crd;

import dev.custos.manifest.GuardSpec;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Files to guard in the containers of the pods it selects. */
@Group("januscontroller.clustergarage.io")
@Version("v1alpha1")
@ShortNames("jg")
public class JanusGuard extends CustomResource<GuardSpec, GuardStatus> implements Namespaced {
  private static final long serialVersionUID = 1;

  // A record has no constructor without parameters, which the superclass would look for.
  @Override
  protected GuardSpec initSpec() {
    return null;
  }

  @Override
  protected GuardStatus initStatus() {
    return null;
  }
}
