package dev.custos.manifest;

import dev.custos.format.LineTemplate;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules that watchers and guards share. */
final class SubjectRules {
  /** PATH_MAX of Linux without its NUL (path_resolution(7)). */
  private static final int LONGEST_PATH = 4095;

  private SubjectRules() {}

  /** {@code logFormat}, or null for the default. */
  static String logFormat(Section spec, TemplateKind kind) {
    Section.Text format = spec.text("logFormat");
    if (format == null || format.value().isEmpty()) {
      return null;
    }
    ResourceFaults faults = spec.faults();
    try {
      LineTemplate.parse(format.value(), kind);
    } catch (TemplateException e) {
      faults.error(format.line(), format.field(), "column " + e.column() + ": " + e.getMessage());
    }
    if (format.value().endsWith("\n")) {
      faults.warning(
          format.line(),
          format.field(),
          "ends in a line end, which is printed as \\n; write >- instead of > and |- instead of |");
    }
    return format.value();
  }

  /** Absolute paths, made plain: no {@code //}, no {@code .} and no slash at the end. */
  static List<String> paths(Section section, String name) {
    Set<String> paths = new LinkedHashSet<>();
    for (Section.Text text : section.texts(name)) {
      String path = path(section.faults(), text);
      if (path != null && !paths.add(path)) {
        section.faults().warning(text.line(), text.field(), "the same path is in the list already");
      }
    }
    return List.copyOf(paths);
  }

  private static String path(ResourceFaults faults, Section.Text text) {
    String path = text.value();
    String fault = null;
    if (path.isEmpty()) {
      fault = "a path can't be empty";
    } else if (path.indexOf('\0') >= 0) {
      fault = "a path can't hold a NUL character";
    } else if (path.charAt(0) != '/') {
      fault = FaultLog.quoted(path) + " is not an absolute path; it must start with \"/\"";
    } else if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
      fault = "the path is longer than " + LONGEST_PATH + " bytes, which Linux does not take";
    } else if (List.of(path.split("/", -1)).contains("..")) {
      fault = FaultLog.quoted(path) + " holds \"..\"; write the path that it stands for";
    }
    if (fault != null) {
      faults.error(text.line(), text.field(), fault);
      return null;
    }
    return plain(path);
  }

  private static String plain(String path) {
    StringBuilder plain = new StringBuilder(path.length());
    for (String name : path.split("/", -1)) {
      if (!name.isEmpty() && !name.equals(".")) {
        plain.append('/').append(name);
      }
    }
    return plain.isEmpty() ? "/" : plain.toString();
  }

  /** {@code ignore}: names and patterns. */
  static List<String> ignore(Section section) {
    List<String> ignore = new ArrayList<>();
    for (Section.Text text : section.texts("ignore")) {
      if (text.value().isEmpty() || text.value().indexOf('\0') >= 0) {
        section
            .faults()
            .error(text.line(), text.field(), "must be a name: neither empty nor with a NUL in it");
      } else {
        ignore.add(text.value());
      }
    }
    return ignore;
  }

  /** Says that a field has no effect where the subject is not recursive. */
  static void needsRecursion(Section section, String name) {
    section
        .faults()
        .warning(
            section.line(name), section.field(name), "has no effect without \"recursive: true\"");
  }

  /** {@code maxDepth}, which means something in a recursive subject alone. */
  static int maxDepth(Section section, boolean recursive) {
    int depth = section.number("maxDepth");
    if (depth > 0 && !recursive) {
      needsRecursion(section, "maxDepth");
    }
    return depth;
  }

  static Map<String, String> tags(Section section) {
    Map<String, String> tags = new LinkedHashMap<>();
    section
        .textByKey("tags")
        .forEach(
            (key, text) -> {
              if (key.isEmpty()) {
                section.faults().error(text.line(), text.field(), "a tag's name can't be empty");
              }
              tags.put(key, text.value());
            });
    return tags;
  }

  /** The mappings under {@code spec.subjects}, of which there must be one at least. */
  static List<Section> subjects(Section spec) {
    if (spec.isEmpty("subjects")) {
      String what = spec.has("subjects") ? "must not be empty" : "is missing";
      spec.faults()
          .error(
              spec.line("subjects"), spec.field("subjects"), what + "; name one subject at least");
    }
    return spec.sections("subjects");
  }
}
