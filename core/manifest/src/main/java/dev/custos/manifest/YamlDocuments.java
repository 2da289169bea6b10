package dev.custos.manifest;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Takes a text apart into documents. A syntax error ends its document alone: YAML forbids a line
 * that starts with {@code ---} within any document, so the next such line is a safe place to go on,
 * and one run tells the faults of all documents.
 */
final class YamlDocuments {
  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setUseMarks(true).setCodePointLimit(ManifestReader.MAX_BYTES).build();

  private final FaultLog faults;
  private final List<YamlNode> documents = new ArrayList<>();

  private YamlDocuments(FaultLog faults) {
    this.faults = faults;
  }

  /** The documents that could be parsed, in their order; empty ones are left out. */
  static List<YamlNode> of(String text, FaultLog faults) {
    YamlDocuments reading = new YamlDocuments(faults);
    int lines = 0;
    for (String chunk : chunks(text)) {
      reading.parse(chunk, lines);
      lines += (int) chunk.chars().filter(c -> c == '\n').count();
    }
    return reading.documents;
  }

  /** Splits before a {@code ---} that follows content, and after each {@code ...}. */
  private static List<String> chunks(String text) {
    List<String> chunks = new ArrayList<>();
    int start = 0;
    boolean content = false;
    for (int at = 0; at < text.length(); ) {
      int newline = text.indexOf('\n', at);
      int next = newline < 0 ? text.length() : newline + 1;
      if (isMarker(text, at, "---")) {
        if (content) {
          chunks.add(text.substring(start, at));
          start = at;
        }
        content = true;
      } else if (isMarker(text, at, "...")) {
        chunks.add(text.substring(start, next));
        start = next;
        content = false;
      } else {
        content |= !isBlankCommentOrDirective(text, at, next);
      }
      at = next;
    }
    if (start < text.length()) {
      chunks.add(text.substring(start));
    }
    return chunks;
  }

  private static boolean isMarker(String text, int at, String marker) {
    int end = at + marker.length();
    return text.startsWith(marker, at)
        && (end == text.length() || Character.isWhitespace(text.charAt(end)));
  }

  private static boolean isBlankCommentOrDirective(String text, int from, int to) {
    int at = from;
    while (at < to && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at == to || text.charAt(at) == '#' || (at == from && text.charAt(at) == '%');
  }

  // Whatever the parser throws at its input is told as a fault of that input: a defect of the
  // parser must not keep the other documents' faults from their author.
  private void parse(String chunk, int linesBefore) {
    YamlTree tree = new YamlTree(linesBefore, faults);
    try {
      for (Event event : new Parse(SETTINGS).parseString(chunk)) {
        if (event.getEventId() == Event.ID.DocumentEnd) {
          tree.takeRoot().ifPresent(documents::add);
        } else {
          tree.accept(event);
        }
      }
    } catch (YamlTree.LimitException e) {
      faults.error(e.line(), e.getMessage());
    } catch (MarkedYamlEngineException e) {
      faults.error(line(e, linesBefore), syntax(e));
    } catch (ReaderException e) {
      faults.error(
          linesBefore + lineOf(chunk, e.getPosition()),
          String.format("the character U+%04X is not allowed in YAML", e.getCodePoint()));
    } catch (YamlEngineException | IllegalStateException | IndexOutOfBoundsException e) {
      faults.error(linesBefore + 1, "this is not YAML: " + FaultLog.shortened(e.getMessage()));
    } catch (NumberFormatException e) {
      faults.error(linesBefore + 1, "a number in a %YAML directive is out of range");
    }
  }

  private static int line(MarkedYamlEngineException e, int linesBefore) {
    return linesBefore + e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  private static String syntax(MarkedYamlEngineException e) {
    StringBuilder message = new StringBuilder("this is not YAML: ");
    e.getProblemMark()
        .ifPresent(at -> message.append("column ").append(at.getColumn() + 1).append(": "));
    if (e.getContext() != null) {
      message.append(FaultLog.shortened(e.getContext())).append(": ");
    }
    String problem =
        String.valueOf(e.getProblem()).replace("<stream end>", "the end of the document");
    return message.append(FaultLog.shortened(problem)).toString();
  }

  private static int lineOf(String text, int codePoints) {
    int line = 1;
    int at = 0;
    for (int i = 0; i < codePoints && at < text.length(); i++) {
      int c = text.codePointAt(at);
      line += c == '\n' ? 1 : 0;
      at += Character.charCount(c);
    }
    return line;
  }
}
