package dev.custos.sinks.syslog;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what Jazzer makes up as a RELP server's bytes: each is part of a frame or refused, without
 * another exception or a hang, and the same in whatever pieces it comes. With {@code JAZZER_FUZZ=1}
 * it looks for new ones; without, it tries those that are kept beside it.
 */
class RelpDecoderFuzzTest {
  @FuzzTest(maxDuration = "60s")
  void anyBytesAreFramesOrRefusedInWhateverPiecesTheyCome(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] stream = Arrays.copyOfRange(data, 1, data.length);
    List<String> whole = read(stream, Math.max(1, stream.length));
    List<String> inPieces = read(stream, 1 + (data[0] & 0x1f));
    if (!whole.equals(inPieces)) {
      throw new AssertionError(whole + ", and in pieces " + inPieces);
    }
  }

  /** The frames, and the refusal if there was one. */
  private static List<String> read(byte[] stream, int piece) {
    RelpDecoder decoder = new RelpDecoder();
    List<String> read = new ArrayList<>();
    try {
      for (int from = 0; from < stream.length; from += piece) {
        ByteBuffer part = ByteBuffer.wrap(stream, from, Math.min(piece, stream.length - from));
        for (RelpFrame f = decoder.next(part); f != null; f = decoder.next(part)) {
          check(f);
          read.add(f.toString());
        }
        if (part.hasRemaining()) {
          throw new AssertionError("leaves bytes without a frame");
        }
      }
    } catch (IOException e) {
      if (!e.getMessage().startsWith("the server speaks no RELP")) {
        throw new AssertionError(e);
      }
      read.add(e.getMessage());
    }
    return read;
  }

  private static void check(RelpFrame frame) {
    int code = frame.responseCode();
    if (frame.transaction() < 0
        || frame.transaction() > RelpFrame.LAST_TRANSACTION
        || code < 0
        || code > 999) {
      throw new AssertionError("made up " + frame);
    }
  }
}
