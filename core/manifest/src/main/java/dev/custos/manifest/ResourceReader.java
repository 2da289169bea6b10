package dev.custos.manifest;

import dev.custos.format.NearestName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes manifests of documents. One for all files of a run, for it finds what is there twice. */
final class ResourceReader {
  /** The group that a widely copied example of {@code FileIntegrity} names. */
  private static final String MISSPELT_SCAN_GROUP = "file-integrity.openshift.io/v1alpha1";

  private final List<Manifest> manifests = new ArrayList<>();
  private final Map<String, String> firstPlaces = new HashMap<>();

  List<Manifest> manifests() {
    return manifests;
  }

  void read(List<YamlNode> documents, FaultLog faults) {
    for (YamlNode document : documents) {
      read(document, "", faults);
    }
  }

  private void read(YamlNode document, String path, FaultLog faults) {
    if (!(document instanceof YamlNode.Mapping mapping)) {
      String where = path.isEmpty() ? "a document" : path;
      faults.error(
          document.line(), where + " must be a resource, a mapping, but is " + document.describe());
      return;
    }
    String kindText = scalar(mapping, "kind");
    ResourceFaults resource = new ResourceFaults(faults, kindText, resourceName(mapping));
    Section top = new Section(resource, mapping, path.isEmpty() ? "" : path + ".");
    Section.Text kind = top.text("kind");
    Section.Text apiVersion = top.text("apiVersion");
    if (kind == null) {
      if (!top.has("kind")) {
        resource.error(top.line(), top.field("kind"), "is missing; known are " + kinds());
      }
    } else if (isList(kind.value())) {
      readList(top, mapping, path, faults);
    } else if (ResourceKind.of(kind.value()) == null) {
      unknownKind(resource, kind, apiVersion);
    } else if (checkGroup(resource, ResourceKind.of(kind.value()), top, apiVersion)) {
      readKnown(ResourceKind.of(kind.value()), top, faults);
    }
  }

  private static String scalar(YamlNode.Mapping mapping, String key) {
    return mapping.get(key) instanceof YamlNode.Scalar scalar ? scalar.text() : "";
  }

  private static String resourceName(YamlNode.Mapping mapping) {
    if (!(mapping.get("metadata") instanceof YamlNode.Mapping metadata)) {
      return "";
    }
    String namespace = scalar(metadata, "namespace");
    String name = scalar(metadata, "name");
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  private static String kinds() {
    return String.join(", ", ResourceKind.texts());
  }

  private static boolean isList(String kind) {
    return kind.equals("List")
        || (kind.endsWith("List")
            && ResourceKind.of(kind.substring(0, kind.length() - "List".length())) != null);
  }

  private void readList(Section top, YamlNode.Mapping mapping, String path, FaultLog faults) {
    top.skip("apiVersion", "kind", "metadata", "items");
    top.end();
    if (mapping.get("items") instanceof YamlNode.Sequence items) {
      for (int i = 0; i < items.items().size(); i++) {
        String item = (path.isEmpty() ? "" : path + ".") + "items[" + i + "]";
        read(items.items().get(i), item, faults);
      }
    } else if (top.has("items")) {
      top.faults().error(top.line("items"), top.field("items"), "must be a list of resources");
    }
  }

  /**
   * A resource of somebody else's group is left where it is, with a word about it: folders for a
   * cluster hold all sorts. One that looks like ours, misspelt, is an error.
   */
  private static void unknownKind(
      ResourceFaults resource, Section.Text kind, Section.Text apiVersion) {
    String quoted = FaultLog.quoted(kind.value());
    Optional<String> nearest = NearestName.of(kind.value(), ResourceKind.texts());
    boolean foreign =
        nearest.isEmpty()
            && apiVersion != null
            && !apiVersion.value().isEmpty()
            && !ResourceKind.isOurGroup(apiVersion.value());
    if (foreign) {
      resource.warning(
          kind.line(), kind.field(), quoted + " is not read here; known are " + kinds());
    } else {
      String hint = NearestName.hint(kind.value(), ResourceKind.texts());
      resource.error(
          kind.line(),
          kind.field(),
          quoted + " is not a kind" + (hint.isEmpty() ? "; known are " + kinds() : hint));
    }
  }

  private static boolean checkGroup(
      ResourceFaults resource, ResourceKind kind, Section top, Section.Text apiVersion) {
    String way = "; write " + kind.apiVersion();
    if (apiVersion == null) {
      if (!top.has("apiVersion")) {
        resource.error(top.line(), top.field("apiVersion"), "is missing" + way);
      }
      return false;
    }
    if (apiVersion.value().equals(kind.apiVersion())) {
      return true;
    }
    String message =
        FaultLog.quoted(apiVersion.value()) + " is not the group and version of " + kind.text();
    if (kind.isScan() && apiVersion.value().equals(MISSPELT_SCAN_GROUP)) {
      resource.warning(apiVersion.line(), apiVersion.field(), message + way);
      return true;
    }
    resource.error(apiVersion.line(), apiVersion.field(), message + way);
    return false;
  }

  private void readKnown(ResourceKind kind, Section top, FaultLog faults) {
    ResourceFaults resource = top.faults();
    if (kind.isScan()) {
      resource.warning(
          top.line("kind"),
          top.field("kind"),
          "this release does not scan; the resource is known and has no effect");
      return;
    }
    Metadata metadata = Metadata.read(top);
    Section spec = top.section("spec");
    if (spec == null && !top.has("spec")) {
      resource.error(top.line(), top.field("spec"), "is missing");
    }
    top.skip("status");
    top.end();
    Manifest manifest = spec == null ? null : manifest(kind, metadata, spec);
    if (metadata.isNamed() && isFirst(kind, metadata, resource, faults) && !resource.failed()) {
      manifests.add(manifest);
    }
  }

  private static Manifest manifest(ResourceKind kind, Metadata metadata, Section spec) {
    return kind == ResourceKind.JANUS_GUARD
        ? new Manifest.Guard(
            kind.text(), metadata.namespace(), metadata.name(), GuardReader.read(spec))
        : new Manifest.Watcher(
            kind.text(), metadata.namespace(), metadata.name(), WatcherReader.read(spec));
  }

  private boolean isFirst(
      ResourceKind kind, Metadata metadata, ResourceFaults resource, FaultLog faults) {
    // A NUL is in no name that Kubernetes takes, so that different resources never share a key.
    String namespace = metadata.namespace().isEmpty() ? "default" : metadata.namespace();
    String key = String.join("\0", kind.text(), namespace, metadata.name());
    String first = firstPlaces.putIfAbsent(key, faults.file() + ":" + metadata.line());
    if (first != null) {
      resource.error(
          metadata.line(), metadata.field(), "the same resource is at " + first + " already");
    }
    return first == null;
  }
}
