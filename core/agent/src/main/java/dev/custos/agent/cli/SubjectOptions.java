package dev.custos.agent.cli;

import dev.custos.format.LineTemplate;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import dev.custos.spi.event.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What {@code watch} and {@code guard} say alike about their one subject. */
final class SubjectOptions {
  private SubjectOptions() {}

  /**
   * Adds what a tree is described by.
   *
   * @param verb what the command does with a tree, with a capital
   */
  static void describeTree(CommandSpec spec, String verb) {
    spec.addOption(
        Options.flag("--recursive", verb + " the whole tree below each path, also as it changes."));
    spec.addOption(
        Options.value("N", "Go N levels below each path; 0 for no limit.", "--max-depth"));
    spec.addOption(
        Options.values(
            "PATTERN",
            "Leave out names, or with a slash paths below, that match. May be repeated.",
            "--ignore"));
  }

  static void describeLine(CommandSpec spec) {
    spec.addOption(Options.value("TEMPLATE", "How a line looks; see docs.", "--format"));
    spec.addOption(Options.values("K=V", "Print with every event. May be repeated.", "--tag"));
  }

  static List<String> absolute(List<String> paths, Path workingDirectory) throws CommandFailure {
    List<String> absolute = new ArrayList<>();
    for (String path : paths) {
      absolute.add(absolute(path, workingDirectory));
    }
    return absolute;
  }

  /** Neither resolves links nor {@code ..}: that is the kernel's, and means something else. */
  private static String absolute(String path, Path workingDirectory) throws CommandFailure {
    if (path.isEmpty()) {
      throw CommandFailure.wrongInput("a path is empty");
    }
    if (path.indexOf('\ufffd') >= 0) {
      throw CommandFailure.wrongInput(
          "path \""
              + Printable.escape(path)
              + "\" is not valid UTF-8; name the directory that it"
              + " is in");
    }
    StringBuilder whole = new StringBuilder();
    String from = path.startsWith("/") ? path : workingDirectory + "/" + path;
    for (String part : from.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        whole.append('/').append(part);
      }
    }
    return whole.length() == 0 ? "/" : whole.toString();
  }

  static int maxDepth(ParseResult arguments) throws CommandFailure {
    long depth = Options.number(arguments, "--max-depth", 0, 0);
    if (depth > Integer.MAX_VALUE) {
      throw CommandFailure.wrongInput("--max-depth: " + depth + " is more than any tree has");
    }
    return (int) depth;
  }

  static Map<String, String> tags(ParseResult arguments) throws CommandFailure {
    Map<String, String> tags = new LinkedHashMap<>();
    for (String tag : Options.texts(arguments, "--tag")) {
      int equals = tag.indexOf('=');
      if (equals <= 0) {
        throw CommandFailure.wrongInput(
            "--tag: \"" + Printable.escape(tag) + "\" is not of the form key=value");
      }
      tags.put(tag.substring(0, equals), tag.substring(equals + 1));
    }
    return tags;
  }

  /** The template, which is valid, or null for the kind's own. */
  static String format(ParseResult arguments, TemplateKind kind) throws CommandFailure {
    String template = Options.text(arguments, "--format", null);
    if (template == null) {
      return null;
    }
    try {
      LineTemplate.parse(template, kind);
      return template;
    } catch (TemplateException e) {
      throw CommandFailure.wrongInput("--format: column " + e.column() + ": " + e.getMessage());
    }
  }
}
