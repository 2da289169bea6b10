package dev.custos.dist;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a syslog receiver has of several agents, read on as its file grows: which files each subject
 * was told of, and what is reported as lost. A message that came twice counts once.
 */
final class ReceivedEvents {
  // RFC 5424, 6.3: a value may hold escaped quotes.
  private static final Pattern PARAMETER = Pattern.compile(" (\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern DATA = Pattern.compile(" \\[custos@32473( .*?\")\\] ");

  /** A path that a resource asks for in a pod. */
  record Subject(String pod, String resource, String path) {}

  /**
   * A loss.
   *
   * @param subject null if all of the node's are concerned
   */
  record Loss(String node, Subject subject, String reason, Instant from, Instant to) {
    boolean covers(Instant begin, Instant end) {
      return !from.isAfter(end) && !to.isBefore(begin);
    }
  }

  private final Path file;
  private final Set<String> ids = new HashSet<>();
  private final Map<Subject, Set<Long>> files = new HashMap<>();
  private final List<Loss> losses = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private final Map<String, Numbers> runs = new LinkedHashMap<>();
  private long offset;

  ReceivedEvents(Path file) {
    this.file = file;
  }

  /** The sequence numbers of a run, which have no hole. */
  private static final class Numbers {
    private long next = 1;
    private boolean ended;
  }

  /** Reads what has come since the last time. */
  synchronized void read() throws IOException {
    byte[] fresh;
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      fresh = new byte[Math.toIntExact(in.length() - offset)];
      in.seek(offset);
      in.readFully(fresh);
    }
    String text = new String(fresh, StandardCharsets.ISO_8859_1);
    int end = text.lastIndexOf('\n') + 1;
    text.substring(0, end).lines().forEach(this::add);
    offset += end;
  }

  private void add(String line) {
    Matcher data = DATA.matcher(line);
    if (!data.find()) {
      faults.add("no event: " + line);
      return;
    }
    Map<String, String> fields = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(data.group(1));
    while (parameter.find()) {
      fields.putIfAbsent(parameter.group(1), parameter.group(2));
    }
    if (!ids.add(fields.get("id"))) {
      return;
    }
    checkNumber(fields, line);
    Subject subject = subject(fields);
    if (fields.get("action").equals("lost")) {
      losses.add(
          new Loss(
              fields.get("node"),
              subject,
              fields.get("reason"),
              Instant.parse(fields.get("from")),
              Instant.parse(fields.get("to"))));
    } else if (subject != null && fields.get("action").equals("create")) {
      String path = fields.get("path");
      int name = path.lastIndexOf("/n");
      files
          .computeIfAbsent(
              new Subject(subject.pod(), subject.resource(), path.substring(0, name)),
              key -> new HashSet<>())
          .add(Long.valueOf(path.substring(name + 2)));
    }
  }

  private static Subject subject(Map<String, String> fields) {
    return fields.containsKey("podNamespace")
        ? new Subject(fields.get("pod"), fields.get("name"), fields.get("path"))
        : null;
  }

  private void checkNumber(Map<String, String> fields, String line) {
    String id = fields.get("id");
    boolean gap = id.endsWith("-lost");
    String run = id.substring(0, 36);
    long number = Long.parseLong(fields.get("seq"));
    Numbers numbers = runs.computeIfAbsent(run, key -> new Numbers());
    if (numbers.ended || number != numbers.next) {
      faults.add("expected number " + numbers.next + ": " + line);
    }
    numbers.next = number + 1;
    if (gap && fields.containsKey("count")) {
      numbers.next = number + Long.parseLong(fields.get("count"));
    } else if (gap) {
      numbers.ended = true;
    }
  }

  /** The numbers of the files that it was told of. */
  synchronized Set<Long> filesOf(Subject subject) {
    return Set.copyOf(files.getOrDefault(subject, Set.of()));
  }

  synchronized List<Loss> losses() {
    return List.copyOf(losses);
  }

  /** What of the receiver's lines is not as promised. */
  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public synchronized String toString() {
    return ids.size() + " events of " + runs.size() + " runs, losses: " + losses;
  }
}
