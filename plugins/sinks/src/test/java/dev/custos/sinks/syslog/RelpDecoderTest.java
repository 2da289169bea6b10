package dev.custos.sinks.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RelpDecoderTest {
  @Test
  void framesAreFoundInWhateverPiecesTheyCome() throws Exception {
    byte[] stream =
        "1 rsp 6 200 OK\n0 serverclose 0\n17 rsp 4 5 \n0\n".getBytes(StandardCharsets.US_ASCII);
    for (int piece = 1; piece <= stream.length; piece++) {
      RelpDecoder decoder = new RelpDecoder();
      List<RelpFrame> frames = new ArrayList<>();
      for (int from = 0; from < stream.length; from += piece) {
        ByteBuffer part = ByteBuffer.wrap(stream, from, Math.min(piece, stream.length - from));
        for (RelpFrame f = decoder.next(part); f != null; f = decoder.next(part)) {
          frames.add(f);
        }
      }
      assertThat(frames)
          .containsExactly(
              new RelpFrame(1, "rsp", "200 OK"),
              new RelpFrame(0, "serverclose", ""),
              new RelpFrame(17, "rsp", "5 \n0"));
    }
  }

  @Property(tries = 1000, seed = "20260615")
  void whateverAServerSendsIsAFrameOrAnError(@ForAll byte[] bytes) {
    RelpDecoder decoder = new RelpDecoder();
    ByteBuffer source = ByteBuffer.wrap(bytes);
    try {
      while (source.hasRemaining()) {
        RelpFrame frame = decoder.next(source);
        assertThat(frame != null || !source.hasRemaining()).isTrue();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith("the server speaks no RELP");
    }
  }
}
