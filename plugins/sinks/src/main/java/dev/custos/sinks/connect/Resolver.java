package dev.custos.sinks.connect;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks a name up with a deadline. The C library's resolver knows none and hears no interrupt, so a
 * thread of its own waits for it: one at a time, however often somebody asks while the name server
 * says nothing.
 */
final class Resolver {
  private final String host;
  private FutureTask<InetAddress[]> pending;

  Resolver(String host) {
    this.host = host;
  }

  /** All addresses of the host, in the order in which they are to be tried. */
  List<InetAddress> resolve(Deadline deadline) throws IOException {
    if (pending == null) {
      pending = new FutureTask<>(() -> InetAddress.getAllByName(host));
      Thread thread = new Thread(pending, "look-up");
      thread.setDaemon(true);
      thread.start();
    }
    try {
      InetAddress[] found = pending.get(deadline.millis(), TimeUnit.MILLISECONDS);
      pending = null;
      return List.of(found);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("no name server answers");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      pending = null;
      if (e.getCause() instanceof UnknownHostException) {
        throw new UnknownHostException("the name is unknown");
      }
      throw new IOException("can't look the name up: " + e.getCause().getMessage(), e);
    }
  }
}
