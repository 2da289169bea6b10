package dev.custos.manifest;

import dev.custos.format.NearestName;
import dev.custos.format.TemplateKind;
import java.util.ArrayList;
import java.util.List;

/** Reads the spec of a {@code JanusGuard}. */
final class GuardReader {
  private GuardReader() {}

  static GuardSpec read(Section spec) {
    LabelSelector selector = SelectorReader.read(spec);
    String logFormat = SubjectRules.logFormat(spec, TemplateKind.GUARD);
    String mode = oneOf(spec, "mode", List.of("Enforce", "Observe"));
    String report = oneOf(spec, "report", List.of("All", "Denied"));
    List<GuardSpec.Subject> subjects = new ArrayList<>();
    for (Section subject : SubjectRules.subjects(spec)) {
      subjects.add(subject(subject));
    }
    spec.end();
    return new GuardSpec(selector, logFormat, mode, report, subjects);
  }

  private static String oneOf(Section spec, String name, List<String> known) {
    Section.Text text = spec.text(name);
    if (text == null) {
      return null;
    }
    if (!known.contains(text.value())) {
      String hint = NearestName.hint(text.value(), known);
      spec.faults()
          .error(
              text.line(),
              text.field(),
              FaultLog.quoted(text.value()) + " is neither " + String.join(" nor ", known) + hint);
    }
    return text.value();
  }

  private static GuardSpec.Subject subject(Section subject) {
    List<String> allow = SubjectRules.paths(subject, "allow");
    List<String> deny = SubjectRules.paths(subject, "deny");
    checkLists(subject, allow, deny);
    List<String> events = events(subject);
    boolean onlyDir = subject.flag("onlyDir");
    boolean autoAllowOwner = subject.flag("autoAllowOwner");
    boolean audit = subject.flag("audit");
    boolean wholeMount = subject.flag("wholeMount");
    boolean recursive = subject.flag("recursive");
    List<String> ignore = SubjectRules.ignore(subject);
    if (!ignore.isEmpty() && !recursive) {
      SubjectRules.needsRecursion(subject, "ignore");
    }
    GuardSpec.Subject read =
        new GuardSpec.Subject(
            allow,
            deny,
            events,
            onlyDir,
            autoAllowOwner,
            audit,
            wholeMount,
            recursive,
            SubjectRules.maxDepth(subject, recursive),
            ignore,
            processes(subject),
            SubjectRules.tags(subject));
    subject.end();
    return read;
  }

  private static void checkLists(Section subject, List<String> allow, List<String> deny) {
    ResourceFaults faults = subject.faults();
    if (subject.isEmpty("allow") && subject.isEmpty("deny")) {
      faults.error(
          subject.line(), subject.path(), "names no path under \"allow\" or under \"deny\"");
    }
    for (String path : deny) {
      if (allow.contains(path)) {
        faults.warning(
            subject.line("deny"),
            subject.field("deny"),
            FaultLog.quoted(path) + " is under \"allow\" too; deny wins");
      }
    }
  }

  private static List<String> events(Section subject) {
    ResourceFaults faults = subject.faults();
    List<Section.Text> written = subject.texts("events");
    if (subject.isEmpty("events")) {
      if (subject.has("events")) {
        faults.error(
            subject.line("events"),
            subject.field("events"),
            "must not be empty; name one event at least, or \"all\"");
      } else {
        faults.warning(
            subject.line(), subject.field("events"), "is missing; \"all\" is taken instead");
      }
    }
    List<String> events = new ArrayList<>();
    int leftOut = 0;
    for (Section.Text text : written) {
      if (GuardEvents.words().contains(text.value())) {
        events.add(text.value());
      } else if (WatchEvents.words().contains(text.value())) {
        leftOut++;
        events.add(text.value());
        faults.warning(
            text.line(),
            text.field(),
            FaultLog.quoted(text.value())
                + " is left out: the kernel asks for permission on "
                + "access, open and execute alone (fanotify(7))");
      } else {
        faults.error(text.line(), text.field(), unknown(text.value()));
      }
    }
    if (leftOut > 0 && leftOut == written.size()) {
      faults.warning(
          subject.line("events"), subject.field("events"), "nothing is left that could be guarded");
    }
    return events;
  }

  private static String unknown(String word) {
    List<String> known = GuardEvents.words();
    String hint = NearestName.hint(word, known);
    return FaultLog.quoted(word)
        + " is not an event"
        + (hint.isEmpty() ? "; known are " + String.join(", ", known) : hint);
  }

  private static GuardSpec.Processes processes(Section subject) {
    Section processes = subject.section("processes");
    if (processes == null) {
      return null;
    }
    GuardSpec.Processes read =
        new GuardSpec.Processes(
            SubjectRules.paths(processes, "executables"), processes.numbers("uids"));
    processes.end();
    return read;
  }
}
