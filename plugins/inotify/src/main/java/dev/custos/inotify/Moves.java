package dev.custos.inotify;

import dev.custos.spi.event.FilePath;
import java.util.ArrayList;
import java.util.List;

/**
 * Directories that were moved from their place and have not been seen elsewhere yet. The kernel
 * tells MOVED_TO right after MOVED_FROM, but other processors' events may come in between, and
 * nothing at all comes if the new place is not watched. Events from within such a directory wait
 * here until it is known where, or whether at all, they belong.
 */
final class Moves {
  /** Longer than a processor that was interrupted between the two records stays away. */
  private static final long PATIENCE_NANOS = 20_000_000;

  /** More than comes in that time; beyond it the directory counts as moved out. */
  private static final int HELD_AT_MOST = 65_536;

  /** Of what was missed at its place by a listing: no event of the kernel bears it. */
  static final int NO_COOKIE = 0;

  /** An event that waits. */
  record Held(int place, int mask, int cookie, FilePath name) {}

  /** A directory on its way. */
  static final class Move {
    final int place;
    final int cookie;
    private final long deadline;
    private final List<Held> held = new ArrayList<>();

    private Move(int place, int cookie, long deadline) {
      this.place = place;
      this.cookie = cookie;
      this.deadline = deadline;
    }

    List<Held> held() {
      return held;
    }

    /** Takes what waits of a place within the directory, and of what is below that. */
    List<Held> takeWithin(int place, PlaceTable places) {
      List<Held> taken = new ArrayList<>();
      held.removeIf(
          event ->
              places.isLive(event.place)
                  && places.isWithin(event.place, place)
                  && taken.add(event));
      return taken;
    }

    void hold(Held event) {
      if (held.size() < HELD_AT_MOST) {
        held.add(event);
      }
    }
  }

  private final List<Move> moves = new ArrayList<>();

  boolean isEmpty() {
    return moves.isEmpty();
  }

  void add(int place, int cookie, long now) {
    moves.add(new Move(place, cookie, now + PATIENCE_NANOS));
  }

  /** The move of the directory at the top of a detached tree, or null. */
  Move ofTop(int place) {
    for (Move move : moves) {
      if (move.place == place) {
        return move;
      }
    }
    return null;
  }

  /** The move with this cookie within a subscription, or null. */
  Move ofCookie(int cookie, int subscription, PlaceTable places) {
    for (Move move : moves) {
      if (move.cookie == cookie && places.subscription(move.place) == subscription) {
        return move;
      }
    }
    return null;
  }

  void remove(Move move) {
    moves.remove(move);
  }

  /** Any move within a subscription, or null. */
  Move ofSubscription(int subscription, PlaceTable places) {
    for (Move move : moves) {
      if (places.subscription(move.place) == subscription) {
        return move;
      }
    }
    return null;
  }

  /** A move that has waited long enough, or null; if not all is settled, only an overfull one. */
  Move expired(long now, boolean settled) {
    for (Move move : moves) {
      if ((settled && move.deadline - now <= 0) || move.held.size() >= HELD_AT_MOST) {
        return move;
      }
    }
    return null;
  }

  /** Milliseconds until a move expires, at least 1; -1 if there is none. */
  int millisToNext(long now) {
    long least = Long.MAX_VALUE;
    for (Move move : moves) {
      least = Math.min(least, move.deadline - now);
    }
    return moves.isEmpty() ? -1 : (int) Math.max(1, least / 1_000_000 + 1);
  }
}
