package dev.custos.manifest;

import dev.custos.format.NearestName;
import dev.custos.format.TemplateKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the spec of an {@code ArgusWatcher} or {@code FimWatcher}. */
final class WatcherReader {
  private WatcherReader() {}

  static WatcherSpec read(Section spec) {
    LabelSelector selector = SelectorReader.read(spec);
    String logFormat = SubjectRules.logFormat(spec, TemplateKind.WATCH);
    List<WatcherSpec.Subject> subjects = new ArrayList<>();
    for (Section subject : SubjectRules.subjects(spec)) {
      subjects.add(subject(subject));
    }
    spec.end();
    return new WatcherSpec(selector, logFormat, subjects);
  }

  private static WatcherSpec.Subject subject(Section subject) {
    List<String> paths = SubjectRules.paths(subject, "paths");
    if (subject.isEmpty("paths")) {
      missing(subject, "paths", "name one absolute path at least");
    }
    List<String> events = events(subject);
    boolean onlyDir = subject.flag("onlyDir");
    boolean recursive = subject.flag("recursive");
    WatcherSpec.Subject read =
        new WatcherSpec.Subject(
            paths,
            events,
            SubjectRules.ignore(subject),
            onlyDir,
            recursive,
            SubjectRules.maxDepth(subject, recursive),
            subject.flag("followMove"),
            SubjectRules.tags(subject));
    subject.end();
    return read;
  }

  private static List<String> events(Section subject) {
    Set<String> known = WatchEvents.words();
    List<String> events = new ArrayList<>();
    for (Section.Text text : subject.texts("events")) {
      if (known.contains(text.value())) {
        events.add(text.value());
      } else {
        String hint = NearestName.hint(text.value(), known);
        subject
            .faults()
            .error(
                text.line(),
                text.field(),
                FaultLog.quoted(text.value())
                    + " is not an event"
                    + (hint.isEmpty() ? "; known are " + String.join(", ", known) : hint));
      }
    }
    if (subject.isEmpty("events")) {
      missing(subject, "events", "name one event at least, or \"all\"");
    }
    return events;
  }

  private static void missing(Section subject, String name, String way) {
    String what = subject.has(name) ? "must not be empty; " : "is missing; ";
    subject.faults().error(subject.line(name), subject.field(name), what + way);
  }
}
