package dev.custos.sinks.syslog;

import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import java.util.Arrays;

/**
 * The encoded parameters that only depend on who asked and where: most of an element's text, and
 * the same for event after event.
 *
 * <p>A fixed number of slots, found by identity: agents hand the same objects over with each event,
 * and if they don't, encoding it again is all that happens. Not thread-safe.
 */
final class Places {
  private static final int SLOTS = 256;
  // What is longer fits no message. It is not kept, for owners choose how long their tags are.
  private static final int LONGEST_KEPT = 64 * 1024;
  private static final int NO_BUDGET = 1 << 30;

  private static final class Place {
    private final Subject subject;
    private final Origin origin;
    private final byte[] text;

    Place(Subject subject, Origin origin, byte[] text) {
      this.subject = subject;
      this.origin = origin;
      this.text = text;
    }

    // By value it would cost more than what it saves.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(Subject otherSubject, Origin otherOrigin) {
      return subject == otherSubject && origin == otherOrigin;
    }
  }

  private final Place[] slots = new Place[SLOTS];

  byte[] of(Subject subject, Origin origin) {
    int hash = subject.hashCode() * 31 + System.identityHashCode(origin);
    int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
    Place place = slots[slot];
    if (place == null || !place.isOf(subject, origin)) {
      place = new Place(subject, origin, encode(subject, origin));
      slots[slot] = place.text.length > LONGEST_KEPT ? null : place;
    }
    return place.text;
  }

  private static byte[] encode(Subject subject, Origin origin) {
    MessageBuffer text = new MessageBuffer(512);
    Parameters parameters = new Parameters(text);
    parameters.begin(new byte[0], NO_BUDGET);
    StructuredData.place(parameters, subject, origin);
    // Without the bracket that begin has written.
    return Arrays.copyOfRange(text.array(), 1, text.length());
  }
}
