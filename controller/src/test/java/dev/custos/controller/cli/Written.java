package dev.custos.controller.cli;

import java.util.Map;
import java.util.Objects;

/** Resources as somebody would write them, in the namespace {@code default}. */
final class Written {
  private static final String WATCHER =
      """
      apiVersion: %s.clustergarage.io/v1alpha1
      kind: %s
      metadata: {name: %s, namespace: default}
      spec:
        selector: {matchLabels: {app: %s}}
        subjects: [%s]
      """;

  private Written() {}

  /** A subject that can be carried out. */
  static String subject(String kind) {
    return kind.equals("JanusGuard")
        ? "{allow: [/srv], events: [open]}"
        : "{paths: [/srv], events: [modify]}";
  }

  /**
   * A resource of one subject.
   *
   * @param app the label of the pods that it selects
   */
  static String resource(String kind, String name, String app, String subject) {
    String group =
        Map.of(
                "ArgusWatcher", "arguscontroller",
                "FimWatcher", "fimcontroller",
                "JanusGuard", "januscontroller")
            .get(kind);
    return WATCHER.formatted(group, kind, name, app, Objects.requireNonNullElse(subject, ""));
  }
}
