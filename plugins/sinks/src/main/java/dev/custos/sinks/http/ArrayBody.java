package dev.custos.sinks.http;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;

/**
 * A request's body out of an array, without the copy that the JDK's own publisher makes. Slices are
 * small because the JDK copies each to direct memory that it then keeps.
 */
// Never compared.
@SuppressWarnings("ArrayRecordComponent")
record ArrayBody(byte[] bytes, int length) implements BodyPublisher {
  private static final int SLICE = 64 * 1024;

  @Override
  public long contentLength() {
    return length;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Slices(subscriber));
  }

  private final class Slices implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private long wanted;
    private int at;
    private boolean running;
    private boolean ended;

    Slices(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long more) {
      synchronized (this) {
        if (more <= 0) {
          ended = true;
          subscriber.onError(new IllegalArgumentException("request of " + more));
          return;
        }
        wanted = wanted + more < 0 ? Long.MAX_VALUE : wanted + more;
        // The subscriber asks for more from within onNext: the loop below hears of it.
        if (running) {
          return;
        }
        running = true;
      }
      deliver();
    }

    private void deliver() {
      while (true) {
        ByteBuffer slice;
        boolean last;
        synchronized (this) {
          if (ended || wanted == 0) {
            running = false;
            return;
          }
          int count = Math.min(SLICE, length - at);
          slice = ByteBuffer.wrap(bytes, at, count);
          at += count;
          wanted--;
          last = at == length;
          ended = last;
        }
        subscriber.onNext(slice);
        if (last) {
          subscriber.onComplete();
          return;
        }
      }
    }

    @Override
    public synchronized void cancel() {
      ended = true;
    }
  }
}
