package dev.custos.sinks.stdout;

import dev.custos.linux.Errno;
import dev.custos.linux.NativeException;
import dev.custos.linux.WriteEnd;
import dev.custos.sinks.json.EventJson;
import dev.custos.sinks.json.JsonBuffer;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers lines and hands them over with one write(2) for many.
 *
 * <p>A reader that does not read leaves the write waiting for room, until its thread is
 * interrupted. It then tells how many events were written whole. Of the next one the pipe may hold
 * a part: the sink keeps the rest, and writes it first as soon as there is room, so that no line is
 * ever torn, and leaves that event out when the host offers it again, so that none comes twice.
 */
final class StdoutSink implements Sink {
  /** What a pipe holds by default, pipe(7): more at once would have to wait in any case. */
  static final int CHUNK = 64 * 1024;

  private static final byte[] LINE_END = {'\n'};

  // How soon an interrupt is noticed while the pipe is full; poll(2) does not hear it.
  private static final int INTERRUPT_CHECK_MILLIS = 50;

  private final WriteEnd output;
  private final JsonBuffer lines = new JsonBuffer(CHUNK + 4096);
  // None for text.
  private final EventJson json;
  // Where in lines each event of this chunk ends.
  private int[] ends = new int[64];
  private ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK + 4096);
  // The event whose line is written in part; the rest of it waits in direct.
  private String tornKey;
  // Why the last drain ended early; none if it was an interrupt.
  private NativeException fault;
  private boolean closed;

  StdoutSink(WriteEnd output, boolean asJson) {
    this.output = output;
    this.json = asJson ? new EventJson(lines) : null;
    direct.limit(0);
  }

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    int done = 0;
    if (tornKey != null) {
      if (!drain()) {
        return gaveUp(0);
      }
      done = batch.get(0).key().equals(tornKey) ? 1 : 0;
      tornKey = null;
    }
    while (done < batch.size()) {
      int count = gather(batch, done);
      int whole = hand(batch, done, count);
      done += whole;
      if (whole < count) {
        return gaveUp(done);
      }
    }
    return WriteResult.accepted(done);
  }

  private WriteResult gaveUp(int done) throws SinkException {
    if (done > 0) {
      // Whatever is wrong shows again with the events that are left.
      return WriteResult.accepted(done);
    }
    if (fault == null) {
      throw SinkException.temporary("stdout: the reader does not read", null);
    }
    if (fault.errno() == Errno.EPIPE) {
      throw SinkException.permanent("stdout: the reader is gone", fault);
    }
    throw SinkException.temporary("stdout: " + fault.getMessage(), fault);
  }

  /** Renders events into lines until the chunk is full, and tells how many. */
  private int gather(List<RenderedEvent> batch, int from) {
    lines.truncate(0);
    int count = 0;
    while (from + count < batch.size() && lines.length() < CHUNK) {
      RenderedEvent event = batch.get(from + count);
      if (json != null) {
        json.append(event);
      } else {
        lines.raw(event.line()).raw(LINE_END);
      }
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, count * 2);
      }
      ends[count++] = lines.length();
    }
    return count;
  }

  /** Writes what was gathered, and tells how many events were written whole. */
  private int hand(List<RenderedEvent> batch, int from, int count) {
    if (direct.capacity() < lines.length()) {
      direct = ByteBuffer.allocateDirect(lines.length() + CHUNK);
    }
    direct.clear().put(lines.array(), 0, lines.length()).flip();
    if (drain()) {
      return count;
    }
    int whole = wholeEvents(count);
    int start = whole == 0 ? 0 : ends[whole - 1];
    if (direct.position() > start) {
      tornKey = batch.get(from + whole).key();
      direct.limit(ends[whole]);
    }
    return whole;
  }

  private int wholeEvents(int count) {
    int found = Arrays.binarySearch(ends, 0, count, direct.position());
    return found >= 0 ? found + 1 : -found - 1;
  }

  /**
   * Writes what is left in the buffer, waiting for room.
   *
   * @return false if not all was written: because of the {@code fault}, or of an interrupt, which
   *     stays set
   */
  private boolean drain() {
    fault = null;
    try {
      while (direct.hasRemaining()) {
        if (output.write(direct) == 0) {
          if (Thread.currentThread().isInterrupted()) {
            return false;
          }
          output.awaitRoom(INTERRUPT_CHECK_MILLIS);
        }
      }
      return true;
    } catch (NativeException e) {
      fault = e;
      return false;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      output.close();
    }
  }
}
