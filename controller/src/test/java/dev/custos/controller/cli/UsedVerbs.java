package dev.custos.controller.cli;

import static java.util.stream.Collectors.toCollection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the controller's account asked of the API server since this was made, by the server's own
 * audit log, beside what the shipped roles grant. Each is a verb, a group and a resource.
 */
final class UsedVerbs {
  private static final String ACCOUNT = "system:serviceaccount:custos:custos-controller";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubeApi api;
  private final int before;

  private UsedVerbs(KubeApi api, int before) {
    this.api = api;
    this.before = before;
  }

  static UsedVerbs from(KubeApi api) throws IOException {
    return new UsedVerbs(api, lines(api).size());
  }

  /** What was asked for and granted, for whatever it came to. */
  Set<String> granted() throws IOException {
    return decided("allow");
  }

  Set<String> forbidden() throws IOException {
    return decided("forbid");
  }

  /** All that the roles would grant. */
  static Set<String> shipped(KubernetesClient client) throws IOException {
    try (InputStream roles =
        UsedVerbs.class.getResourceAsStream("/META-INF/custos/rbac/controller.yaml")) {
      return client.load(roles).items().stream()
          .flatMap(UsedVerbs::rules)
          .flatMap(UsedVerbs::verbs)
          .collect(toCollection(TreeSet::new));
    }
  }

  private static Stream<PolicyRule> rules(HasMetadata object) {
    if (object instanceof ClusterRole role) {
      return role.getRules().stream();
    }
    return object instanceof Role role ? role.getRules().stream() : Stream.empty();
  }

  private static Stream<String> verbs(PolicyRule rule) {
    return rule.getApiGroups().stream()
        .flatMap(
            group ->
                rule.getResources().stream()
                    .flatMap(
                        resource ->
                            rule.getVerbs().stream().map(verb -> name(verb, group, resource))));
  }

  private Set<String> decided(String decision) throws IOException {
    Set<String> found = new TreeSet<>();
    List<String> lines = lines(api);
    for (String line : lines.subList(before, lines.size())) {
      JsonNode request = JSON.readTree(line);
      JsonNode object = request.path("objectRef");
      if (request.path("user").path("username").asText().equals(ACCOUNT)
          && request
              .path("annotations")
              .path("authorization.k8s.io/decision")
              .asText()
              .equals(decision)
          && object.has("resource")) {
        String part = object.path("subresource").asText();
        found.add(
            name(
                request.path("verb").asText(),
                object.path("apiGroup").asText(),
                object.path("resource").asText() + (part.isEmpty() ? "" : "/" + part)));
      }
    }
    return found;
  }

  private static String name(String verb, String group, String resource) {
    return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
  }

  // Without a line that is still being written.
  private static List<String> lines(KubeApi api) throws IOException {
    String log = Files.exists(api.audit()) ? Files.readString(api.audit()) : "";
    return log.substring(0, log.lastIndexOf('\n') + 1).lines().toList();
  }
}
