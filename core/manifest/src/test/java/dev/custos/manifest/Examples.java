package dev.custos.manifest;

import java.util.List;

/** A watcher and a guard without fault, and what the reader says of variants of them. */
final class Examples {
  static final String WATCHER =
      """
      apiVersion: arguscontroller.clustergarage.io/v1alpha1
      kind: ArgusWatcher
      metadata:
        name: web
      spec:
        selector:
          matchLabels:
            app: web
        subjects:
        - paths:
          - /etc/nginx
          events:
          - modify
      """;

  static final String GUARD =
      """
      apiVersion: januscontroller.clustergarage.io/v1alpha1
      kind: JanusGuard
      metadata:
        name: keys
        namespace: prod
      spec:
        subjects:
        - allow: [/srv/public]
          deny: [/srv/keys]
          events: [access]
      """;

  private Examples() {}

  static ReadResult read(String text) {
    return ManifestReader.read("web.yaml", text);
  }

  static List<String> faults(String text) {
    return read(text).faults().stream().map(Fault::toString).toList();
  }

  /** The faults of a watcher whose one subject is replaced. */
  static List<String> faultsOfSubject(String subject) {
    String spec = WATCHER.substring(0, WATCHER.indexOf("  - paths"));
    return faults(spec + subject);
  }
}
