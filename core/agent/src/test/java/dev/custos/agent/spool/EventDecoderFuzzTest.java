package dev.custos.agent.spool;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.custos.spi.event.IntegrityEvent;
import java.time.Instant;
import java.util.Arrays;

/**
 * Reads what Jazzer makes up as a spooled event: it is one or is refused, without another
 * exception, and what was read once is written and read again as the same. With {@code
 * JAZZER_FUZZ=1} it looks for new ones; without, it tries those that are kept beside it.
 */
class EventDecoderFuzzTest {
  private static final Instant TIME = Instant.parse("2026-01-31T12:00:00.123456789Z");

  @FuzzTest(maxDuration = "60s")
  void anyBytesAreAnEventOrRefused(byte[] data) {
    EventDecoder decoder = new EventDecoder();
    IntegrityEvent event = decode(decoder, data);
    if (event == null) {
      return;
    }
    byte[] once = encode(event);
    IntegrityEvent again = decode(decoder, once);
    if (again == null || !Arrays.equals(once, encode(again))) {
      throw new AssertionError("comes back as another: " + again);
    }
  }

  private static IntegrityEvent decode(EventDecoder decoder, byte[] data) {
    RecordInput in = new RecordInput();
    in.set(data, 0, data.length);
    try {
      return decoder.decode(in, TIME);
    } catch (UnreadableRecordException e) {
      return null;
    }
  }

  private static byte[] encode(IntegrityEvent event) {
    RecordBuffer out = new RecordBuffer(64);
    new EventEncoder().encode(event, out);
    return out.toByteArray();
  }
}
