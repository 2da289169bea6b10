package dev.custos.manifest;

import java.util.Arrays;
import java.util.List;

/** The kinds that users may write. */
enum ResourceKind {
  ARGUS_WATCHER("ArgusWatcher", "arguscontroller.clustergarage.io/v1alpha1"),
  FIM_WATCHER("FimWatcher", "fimcontroller.clustergarage.io/v1alpha1"),
  JANUS_GUARD("JanusGuard", "januscontroller.clustergarage.io/v1alpha1"),
  FILE_INTEGRITY("FileIntegrity", "fileintegrity.openshift.io/v1alpha1"),
  FILE_INTEGRITY_NODE_STATUS("FileIntegrityNodeStatus", "fileintegrity.openshift.io/v1alpha1");

  private final String text;
  private final String apiVersion;

  ResourceKind(String text, String apiVersion) {
    this.text = text;
    this.apiVersion = apiVersion;
  }

  String text() {
    return text;
  }

  String apiVersion() {
    return apiVersion;
  }

  /** Whether the resource asks for scans. */
  boolean isScan() {
    return this == FILE_INTEGRITY || this == FILE_INTEGRITY_NODE_STATUS;
  }

  /** The kind that is written so, or null. */
  static ResourceKind of(String text) {
    for (ResourceKind kind : values()) {
      if (kind.text.equals(text)) {
        return kind;
      }
    }
    return null;
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(ResourceKind::text).toList();
  }

  /** Whether the group is that of any kind here, whatever its version. */
  static boolean isOurGroup(String apiVersion) {
    String group = apiVersion.replaceFirst("/.*", "");
    return Arrays.stream(values()).anyMatch(kind -> kind.apiVersion.startsWith(group + "/"));
  }
}
