package dev.custos.agent.cli;

import dev.custos.agent.pipeline.LineFormats;
import dev.custos.agent.pipeline.OwnerFormats;
import dev.custos.format.LineTemplate;
import dev.custos.format.SafeText;
import dev.custos.format.TemplateException;
import dev.custos.format.TemplateKind;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code custos format}: what a template makes of sample events, or where it is wrong. */
final class FormatCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Options.command(this, "format", "Shows the lines that a template gives for sample events.");
    spec.addOption(Options.flag("--guard", "Take it for a guard's template, not a watcher's."));
    spec.addPositional(Options.operands("TEMPLATE", "1", "The template."));
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws CommandFailure {
    String text = arguments.matchedPositionalValue(0, List.of("")).get(0);
    boolean guard = Options.has(arguments, "--guard");
    LineTemplate template;
    try {
      template = LineTemplate.parse(text, guard ? TemplateKind.GUARD : TemplateKind.WATCH);
    } catch (TemplateException e) {
      terminal.error("column " + e.column() + ": " + e.getMessage());
      pointOut(text, e.column(), terminal);
      return ExitCode.WRONG_INPUT;
    }
    List<IntegrityEvent> samples = guard ? SampleEvents.guard() : SampleEvents.watch();
    OwnerFormats formats = new OwnerFormats();
    Map<Subject, LineTemplate> templates = new HashMap<>();
    for (IntegrityEvent sample : samples) {
      templates.put(sample.subject(), template);
    }
    formats.update(templates);
    LineFormats.Renderer renderer = formats.renderer();
    long sequence = 1;
    for (IntegrityEvent sample : samples) {
      byte[] line = renderer.line(sample, sequence++);
      terminal.out().write(line, 0, line.length);
      terminal.out().write('\n');
    }
    terminal.out().flush();
    return ExitCode.OK;
  }

  /** Shows the template with a caret below the character at fault. */
  private static void pointOut(String text, int column, Terminal terminal) {
    int before =
        text.offsetByCodePoints(0, Math.min(column - 1, text.codePointCount(0, text.length())));
    terminal.say("  " + SafeText.escape(text));
    terminal.say("  " + " ".repeat(SafeText.escape(text.substring(0, before)).length()) + "^");
  }
}
