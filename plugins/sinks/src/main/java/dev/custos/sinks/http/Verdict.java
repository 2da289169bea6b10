package dev.custos.sinks.http;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an answer means for the events that were sent. */
sealed interface Verdict {
  /** The server has them all. */
  record Accepted() implements Verdict {}

  /**
   * Nothing of it counts, and the same again may work.
   *
   * @param after how long the server asks to be left alone
   * @param reason escaped
   */
  record Later(Optional<Duration> after, String reason) implements Verdict {}

  /**
   * The server will never take them.
   *
   * @param reason escaped
   */
  record Refused(String reason) implements Verdict {}

  /** The body is too large; a part of it may work. */
  record TooLarge(String reason) implements Verdict {}

  /**
   * The server told for each event, in the order in which they were sent.
   *
   * @param after how long the server asks to be left alone with those that it may take later
   */
  record ByItem(List<Item> items, Optional<Duration> after) implements Verdict {
    public ByItem {
      items = List.copyOf(items);
    }
  }

  /** What became of one event. */
  record Item(State state, String reason) {
    static final Item ACCEPTED = new Item(State.ACCEPTED, "");

    static Item later(String reason) {
      return new Item(State.LATER, reason);
    }

    static Item refused(String reason) {
      return new Item(State.REFUSED, reason);
    }
  }

  /** Whether an event is to be sent again. */
  enum State {
    ACCEPTED,
    LATER,
    REFUSED
  }
}
