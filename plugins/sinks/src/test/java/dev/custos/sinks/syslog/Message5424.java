package dev.custos.sinks.syslog;

import java.util.ArrayList;
import java.util.List;

/**
 * A message taken apart by the grammar of RFC 5424, section 6, to the letter: whatever is not in it
 * is an error.
 */
record Message5424(
    int priority,
    String timestamp,
    String hostname,
    String appName,
    String procId,
    String msgId,
    String sdId,
    List<Parameter> parameters,
    String text) {
  record Parameter(String name, String value) {}

  String value(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name().equals(name))
        .map(Parameter::value)
        .reduce((first, second) -> first + "|" + second)
        .orElse(null);
  }

  static Message5424 parse(String message) {
    return new Parser(message).message();
  }

  private static final class Parser {
    private final String message;
    private int at;

    Parser(String message) {
      this.message = message;
    }

    Message5424 message() {
      expect('<');
      String priority = upTo('>', 3);
      require(priority.matches("0|[1-9][0-9]{0,2}") && Integer.parseInt(priority) <= 191, "PRI");
      expect('1');
      expect(' ');
      String timestamp = upTo(' ', 32);
      require(
          timestamp.matches("-|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z"),
          "TIMESTAMP");
      String hostname = field(255);
      String appName = field(48);
      String procId = field(128);
      String msgId = field(32);
      String id = "";
      List<Parameter> parameters = new ArrayList<>();
      if (peek() == '-') {
        at++;
      } else {
        expect('[');
        id = name();
        while (peek() == ' ') {
          at++;
          String name = name();
          expect('=');
          expect('"');
          parameters.add(new Parameter(name, value()));
        }
        expect(']');
      }
      expect(' ');
      return new Message5424(
          Integer.parseInt(priority),
          timestamp,
          hostname,
          appName,
          procId,
          msgId,
          id,
          parameters,
          message.substring(at));
    }

    private String field(int longest) {
      String field = upTo(' ', longest);
      require(!field.isEmpty() && field.chars().allMatch(c -> c > 32 && c < 127), "PRINTUSASCII");
      return field;
    }

    private String name() {
      int start = at;
      while (peek() > 32 && peek() < 127 && "= ]\"".indexOf(peek()) < 0) {
        at++;
      }
      require(at > start && at - start <= 32, "SD-NAME");
      return message.substring(start, at);
    }

    private String value() {
      StringBuilder value = new StringBuilder();
      while (peek() != '"') {
        require(peek() != ']', "an escaped ]");
        if (peek() == '\\') {
          at++;
          require("\"\\]".indexOf(peek()) >= 0, "an escape");
        }
        value.append(peek());
        at++;
      }
      at++;
      return value.toString();
    }

    private String upTo(char end, int longest) {
      int found = message.indexOf(end, at);
      require(found >= 0 && found - at <= longest, "a field");
      String field = message.substring(at, found);
      at = found + 1;
      return field;
    }

    private char peek() {
      require(at < message.length(), "more");
      return message.charAt(at);
    }

    private void expect(char c) {
      require(peek() == c, "'" + c + "'");
      at++;
    }

    private void require(boolean condition, String what) {
      if (!condition) {
        throw new AssertionError("expected " + what + " at " + at + " of " + message);
      }
    }
  }
}
