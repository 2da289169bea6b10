package dev.custos.sinks.syslog;

import dev.custos.sinks.connect.Connector;
import dev.custos.sinks.connect.Deadline;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A datagram for each message: UDP or the local daemon's socket. Nobody tells whether one arrived;
 * an event counts as written once the kernel has taken its datagram.
 */
final class DatagramSink implements Sink {
  // How soon an interrupt is noticed: a local socket is waited for by poll(2), which hears none.
  private static final int INTERRUPT_CHECK_MILLIS = 50;

  private final String shown;
  private final Datagrams datagrams;
  private final MessageFormat format;
  private final Duration patience;
  private final MessageBuffer message = new MessageBuffer(8192);

  /**
   * Makes it; nothing is open yet.
   *
   * @param shown in whose name something fails, as in {@code udp logs.example:514}
   * @param patience how long the receiver may have no room for a datagram
   */
  DatagramSink(String shown, Datagrams datagrams, MessageFormat format, Duration patience) {
    this.shown = shown;
    this.datagrams = datagrams;
    this.format = format;
    this.patience = patience;
  }

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    List<WriteResult.Rejection> rejected = new ArrayList<>();
    int done = 0;
    try {
      datagrams.prepare();
      while (done < batch.size()) {
        message.truncate(0);
        format.append(batch.get(done), message);
        if (!send(done, rejected)) {
          if (done == 0) {
            throw SinkException.temporary(shown + ": the receiver has no room", null);
          }
          break;
        }
        done++;
      }
      datagrams.check();
    } catch (PortUnreachableException e) {
      // Which of the datagrams this answers is not known; most likely all of them.
      throw SinkException.temporary(shown + ": nobody listens on the port", e);
    } catch (IOException e) {
      if (done == 0) {
        throw SinkException.temporary(shown + ": " + Connector.reason(e), e);
      }
      // Whatever is wrong shows again with the events that are left.
    }
    return new WriteResult(done, rejected, Optional.empty());
  }

  private boolean send(int index, List<WriteResult.Rejection> rejected) throws IOException {
    Deadline deadline = Deadline.in(patience);
    while (true) {
      switch (datagrams.send(message)) {
        case SENT -> {
          return true;
        }
        case TOO_LARGE -> {
          String reason = "the receiver takes no datagram of " + message.length() + " bytes";
          rejected.add(new WriteResult.Rejection(index, reason));
          return true;
        }
        case NO_ROOM -> {
          if (Thread.currentThread().isInterrupted() || deadline.hasPassed()) {
            return false;
          }
          datagrams.awaitRoom(INTERRUPT_CHECK_MILLIS);
        }
      }
    }
  }

  @Override
  public void close() {
    datagrams.close();
  }
}
