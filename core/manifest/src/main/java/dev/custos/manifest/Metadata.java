package dev.custos.manifest;

/**
 * Who a resource is.
 *
 * @param name empty if it is missing
 * @param line where the name stands
 * @param field the path of the name
 */
record Metadata(String namespace, String name, int line, String field) {
  /** What the API server adds, and what is between others and it. */
  private static final String[] NOT_OURS = {
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid"
  };

  boolean isNamed() {
    return !name.isEmpty();
  }

  static Metadata read(Section top) {
    Section metadata = top.section("metadata");
    if (metadata == null) {
      String field = top.field("metadata");
      if (!top.has("metadata")) {
        top.faults().error(top.line(), field, "is missing; it holds the resource's name");
      }
      return new Metadata("", "", top.line(), field);
    }
    ResourceFaults faults = metadata.faults();
    Section.Text name = metadata.text("name");
    Section.Text namespace = metadata.text("namespace");
    metadata.skip(NOT_OURS);
    metadata.end();
    if (name == null || name.value().isEmpty()) {
      if (!metadata.has("name") || name != null) {
        faults.error(metadata.line("name"), metadata.field("name"), "is missing");
      }
    } else if (!KubernetesNames.isSubdomain(name.value())) {
      faults.warning(
          name.line(),
          name.field(),
          FaultLog.quoted(name.value())
              + " can't be a name in Kubernetes: at most 253 lower case letters, digits, - and .");
    }
    if (namespace != null
        && !namespace.value().isEmpty()
        && !KubernetesNames.isLabel(namespace.value())) {
      faults.warning(
          namespace.line(),
          namespace.field(),
          FaultLog.quoted(namespace.value())
              + " can't be a namespace in Kubernetes: at most 63 lower case letters, digits and -");
    }
    return new Metadata(
        namespace == null ? "" : namespace.value(),
        name == null ? "" : name.value(),
        metadata.line("name"),
        metadata.field("name"));
  }
}
