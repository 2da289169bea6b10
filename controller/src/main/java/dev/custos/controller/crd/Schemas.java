package dev.custos.controller.crd;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.custos.format.LineTemplate;
import dev.custos.manifest.LabelSelector;
import dev.custos.manifest.WatchEvents;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The schemas of specs. Written out rather than derived from the classes, because most of what they
 * refuse is about the items of lists, which only annotations on {@code core/manifest}'s records
 * could express, and those know nothing of Kubernetes. A test holds the two together.
 */
final class Schemas {
  /**
   * Names after a slash each, none of them {@code ..}. JSON can carry a NUL character, and no
   * system call can. RE2, which the API server matches with, knows no lookahead.
   */
  private static final String ABSOLUTE_PATH =
      "^(/([^/.\\x00][^/\\x00]*|\\.[^/.\\x00][^/\\x00]*|\\.\\.[^/\\x00]+|\\.)?)+$";

  // PATH_MAX of <linux/limits.h> counts the terminating NUL.
  private static final long LONGEST_PATH = 4095;
  private static final long LONGEST_FORMAT = LineTemplate.MAX_LENGTH;

  // Bounds what the rule on each of them can cost the API server.
  private static final long MOST_SUBJECTS = 1000;

  private Schemas() {}

  static JSONSchemaProps watcherSpec() {
    return object(
        "What to watch, and in which pods.",
        fields()
            .with("selector", selector())
            .with(
                "logFormat", logFormat("{event} {ftype} '{path}{sep}{file}' ({pod}:{node}) {tags}"))
            .with("subjects", subjects("Paths that are watched alike.", watchSubject().build())),
        "subjects");
  }

  static JSONSchemaProps guardSpec() {
    return object(
        "What to guard, and in which pods.",
        fields()
            .with("selector", selector())
            .with(
                "logFormat",
                logFormat("<{response}> {event} {ftype} '{path}' ({pod}:{node}) {tags}"))
            .with(
                "mode",
                oneOf(
                    "Enforce, the default, denies what is under deny; Observe allows it and reports"
                        + " what would have been denied.",
                    List.of("Enforce", "Observe")))
            .with(
                "report",
                oneOf(
                    "All, the default, reports every verdict; Denied only those that deny.",
                    List.of("All", "Denied")))
            .with("subjects", subjects("Paths that are guarded alike.", guardSubject().build())),
        "subjects");
  }

  private static JSONSchemaPropsBuilder watchSubject() {
    Fields fields =
        fields()
            .with(
                "paths",
                new JSONSchemaPropsBuilder(
                        paths(
                            "Absolute paths as the container sees them. A directory's direct"
                                + " children are covered too."))
                    .withMinItems(1L)
                    .build())
            .with(
                "events",
                new JSONSchemaPropsBuilder(
                        list(
                            "What to report. close is closewrite and closenowrite; move is"
                                + " moveself, movedfrom and movedto; all is every one.",
                            oneOf("The name of an event.", WatchEvents.words())))
                    .withMinItems(1L)
                    .build())
            .with("ignore", ignore())
            .with("onlyDir", flag("Watch a path only if it is a directory."))
            .with("recursive", flag("Watch the whole tree below each path, as it changes."))
            .with("maxDepth", maxDepth())
            .with(
                "followMove", flag("When a path itself is moved, go on watching it where it went."))
            .with("tags", tags());
    return new JSONSchemaPropsBuilder(
        object("Paths that are watched alike.", fields, "paths", "events"));
  }

  private static JSONSchemaPropsBuilder guardSubject() {
    Fields fields =
        fields()
            .with(
                "allow", paths("Absolute paths that may be accessed, as the container sees them."))
            .with(
                "deny",
                paths(
                    "Absolute paths that must not be accessed, as the container sees them. Deny"
                        + " wins where an object is under both."))
            .with(
                "events",
                new JSONSchemaPropsBuilder(
                        list(
                            "What to decide about: open, access, execute, or all, which is open"
                                + " and access. The names of a watcher's events are accepted too,"
                                + " and those without a permission event behind them are left"
                                + " out. If absent, all.",
                            oneOf("The name of an event.", guardEvents())))
                    .withMinItems(1L)
                    .build())
            .with("onlyDir", flag("Guard a path only if it is a directory."))
            .with(
                "autoAllowOwner",
                flag("Always allow the container's own first process and its children."))
            .with("audit", flag("Have the kernel write every verdict to the audit log."))
            .with("wholeMount", flag("Guard the whole mount that a path lies on."))
            .with("recursive", flag("Guard the whole tree below each path, as it changes."))
            .with("maxDepth", maxDepth())
            .with("ignore", ignore())
            .with(
                "processes",
                object(
                    "Narrows the subject to what these processes do; everyone, if absent.",
                    fields()
                        .with(
                            "executables",
                            list("Paths of programs.", absolutePath("The path of a program.")))
                        .with(
                            "uids",
                            list(
                                "User ids as the container numbers them.",
                                integer("A user id.", "int32")))))
            .with("tags", tags());
    return new JSONSchemaPropsBuilder(object("Paths that are guarded alike.", fields))
        .addToXKubernetesValidations(
            new ValidationRuleBuilder()
                .withRule(
                    "(has(self.allow) && size(self.allow) > 0)"
                        + " || (has(self.deny) && size(self.deny) > 0)")
                .withMessage("a subject needs at least one path under allow or deny")
                .build());
  }

  private static Set<String> guardEvents() {
    Set<String> events = new LinkedHashSet<>(List.of("open", "access", "execute", "all"));
    events.addAll(WatchEvents.words());
    return events;
  }

  private static JSONSchemaProps selector() {
    return object(
        "Which pods of the resource's own namespace. An empty selector matches all of them.",
        fields()
            .with("matchLabels", texts("Labels that a pod must have, with these values."))
            .with(
                "matchExpressions",
                list(
                    "Requirements on a pod's labels, all of which must hold.",
                    object(
                        "A requirement on one label.",
                        fields()
                            .with("key", text("The label's key.").withMinLength(1L).build())
                            .with(
                                "operator",
                                oneOf(
                                    "How the label's value relates to values.",
                                    new TreeSet<>(LabelSelector.OPERATORS)))
                            .with(
                                "values",
                                list(
                                    "What In and NotIn compare with.",
                                    text("A value of the label.").build())),
                        "key",
                        "operator"))));
  }

  private static JSONSchemaProps logFormat(String otherwise) {
    return text("The template of each line. By default: " + otherwise)
        .withMaxLength(LONGEST_FORMAT)
        .build();
  }

  private static JSONSchemaProps subjects(String description, JSONSchemaProps subject) {
    return new JSONSchemaPropsBuilder(list(description, subject))
        .withMinItems(1L)
        .withMaxItems(MOST_SUBJECTS)
        .build();
  }

  private static JSONSchemaProps paths(String description) {
    return list(description, absolutePath("An absolute path without \"..\"."));
  }

  private static JSONSchemaProps absolutePath(String description) {
    return text(description).withPattern(ABSOLUTE_PATH).withMaxLength(LONGEST_PATH).build();
  }

  private static JSONSchemaProps ignore() {
    return list(
        "What a recursive subject leaves out: names or paths, compared literally.",
        text("A name or a path.").withMinLength(1L).withMaxLength(LONGEST_PATH).build());
  }

  private static JSONSchemaProps maxDepth() {
    return integer("How many levels below a path; 0 or absent is without limit.", "int32");
  }

  private static JSONSchemaProps tags() {
    return texts("Printed with every event as key=value.");
  }

  static JSONSchemaProps object(String description, Fields fields, String... required) {
    return new JSONSchemaPropsBuilder()
        .withType("object")
        .withDescription(description)
        .withProperties(fields.byName)
        .withRequired(required)
        .build();
  }

  static JSONSchemaProps list(String description, JSONSchemaProps item) {
    return new JSONSchemaPropsBuilder()
        .withType("array")
        .withDescription(description)
        .withNewItems()
        .withSchema(item)
        .endItems()
        .build();
  }

  private static JSONSchemaProps texts(String description) {
    return new JSONSchemaPropsBuilder()
        .withType("object")
        .withDescription(description)
        .withNewAdditionalProperties()
        .withSchema(new JSONSchemaPropsBuilder().withType("string").build())
        .endAdditionalProperties()
        .build();
  }

  static JSONSchemaPropsBuilder text(String description) {
    return new JSONSchemaPropsBuilder().withType("string").withDescription(description);
  }

  static JSONSchemaProps oneOf(String description, Collection<String> words) {
    return text(description)
        .withEnum(words.stream().map(TextNode::new).toArray(TextNode[]::new))
        .build();
  }

  private static JSONSchemaProps flag(String description) {
    return new JSONSchemaPropsBuilder().withType("boolean").withDescription(description).build();
  }

  /** None of our numbers can be negative. */
  static JSONSchemaProps integer(String description, String format) {
    return new JSONSchemaPropsBuilder()
        .withType("integer")
        .withFormat(format)
        .withMinimum(0.0)
        .withDescription(description)
        .build();
  }

  static Fields fields() {
    return new Fields();
  }

  /** Named schemas in the order in which they were named. */
  static final class Fields {
    private final Map<String, JSONSchemaProps> byName = new LinkedHashMap<>();

    Fields with(String name, JSONSchemaProps schema) {
      byName.put(name, schema);
      return this;
    }
  }
}
