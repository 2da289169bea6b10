package dev.custos.agent.cli;

import dev.custos.format.SafeText;
import dev.custos.snapshot.NodeSnapshot;
import dev.custos.spi.Target;
import dev.custos.spi.event.Origin;
import java.util.HashMap;
import java.util.Map;

/**
 * What people call a target: a container of a pod, or nothing where it is the host. Thread-safe.
 */
final class TargetNames {
  private volatile Map<String, String> names = Map.of();

  /** From here on the targets of this snapshot are the ones that there are. */
  void learn(NodeSnapshot snapshot) {
    Map<String, String> learned = new HashMap<>();
    for (NodeSnapshot.Target target : snapshot.targets()) {
      if (!target.id().equals(NodeSnapshot.HOST)) {
        learned.put(target.id(), name(target.container(), target.namespace(), target.pod()));
      }
    }
    names = learned;
  }

  /** What a line about one of the target's paths begins with. */
  String prefix(String target) {
    String name = names.get(target);
    return name == null ? "" : name + ": ";
  }

  /** Of a target that is a container. */
  static String of(Target target) {
    Origin origin = target.origin();
    return name(origin.container(), origin.namespace(), origin.pod());
  }

  private static String name(String container, String namespace, String pod) {
    return SafeText.escape("container " + container + " of pod " + namespace + "/" + pod);
  }
}
