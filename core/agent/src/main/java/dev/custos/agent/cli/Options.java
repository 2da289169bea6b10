package dev.custos.agent.cli;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** How options are described and read, the same in every command. */
final class Options {
  private Options() {}

  /**
   * A command without options of its own yet.
   *
   * @param action what runs it; null if it only holds others
   */
  static CommandSpec command(Command action, String name, String description) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(action).name(name);
    spec.usageMessage().description(description).abbreviateSynopsis(true);
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
    spec.addOption(
        OptionSpec.builder("--debug").description("Show stack traces of errors.").build());
    return spec;
  }

  static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).description(description).build();
  }

  static OptionSpec value(String label, String description, String... names) {
    return OptionSpec.builder(names)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** May be given several times. */
  static OptionSpec values(String label, String description, String... names) {
    return OptionSpec.builder(names)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .arity("1")
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** Takes several values at once, and may be given several times. */
  static OptionSpec list(String label, String description, String... names) {
    return OptionSpec.builder(names)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .arity("1..*")
        .paramLabel(label)
        .description(description)
        .build();
  }

  static PositionalParamSpec operands(String label, String arity, String description) {
    return PositionalParamSpec.builder()
        .type(List.class)
        .auxiliaryTypes(String.class)
        .arity(arity)
        .required(true)
        .paramLabel(label)
        .description(description)
        .build();
  }

  static boolean has(ParseResult arguments, String name) {
    return arguments.hasMatchedOption(name);
  }

  static String text(ParseResult arguments, String name, String otherwise) {
    return arguments.matchedOptionValue(name, otherwise);
  }

  // Lists: the parser would copy an array for each value, and there may be 30,000.
  static List<String> texts(ParseResult arguments, String name) {
    return arguments.matchedOptionValue(name, List.of());
  }

  /** A whole number from 0 on. */
  static long number(ParseResult arguments, String name, long least, long otherwise)
      throws CommandFailure {
    String text = arguments.matchedOptionValue(name, (String) null);
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, like a number that is too small.
    }
    throw CommandFailure.wrongInput(
        name + ": \"" + text + "\" is not a whole number of at least " + least);
  }

  /** {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}; null if the option was not given. */
  static Duration duration(ParseResult arguments, String name) throws CommandFailure {
    String text = arguments.matchedOptionValue(name, (String) null);
    if (text == null) {
      return null;
    }
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    long unit =
        switch (text.substring(digits)) {
          case "ms" -> 1;
          case "s" -> 1000;
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          default -> 0;
        };
    // Twelve digits of hours are longer than anybody waits, and do not overflow.
    if (unit == 0 || digits == 0 || digits > 12) {
      throw CommandFailure.wrongInput(
          name + ": \"" + text + "\" is not a duration such as 500ms, 10s, 5m or 1h");
    }
    return Duration.ofMillis(Long.parseLong(text.substring(0, digits)) * unit);
  }
}
