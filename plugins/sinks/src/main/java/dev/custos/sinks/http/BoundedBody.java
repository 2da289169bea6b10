package dev.custos.sinks.http;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Keeps the beginning of an answer's body, and gives up the connection if there is more: whatever
 * is at the other side can't fill the memory, nor send for ever.
 */
final class BoundedBody implements BodySubscriber<BoundedBody.Read> {
  /**
   * A body.
   *
   * @param whole whether that was all
   */
  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  record Read(byte[] bytes, boolean whole) {}

  private final int most;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final CompletableFuture<Read> result = new CompletableFuture<>();
  private Flow.Subscription subscription;

  BoundedBody(int most) {
    this.most = most;
  }

  @Override
  public CompletionStage<Read> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      int count = Math.min(part.remaining(), most - kept.size());
      byte[] bytes = new byte[count];
      part.get(bytes);
      kept.write(bytes, 0, count);
      if (part.hasRemaining()) {
        subscription.cancel();
        result.complete(new Read(kept.toByteArray(), false));
        return;
      }
    }
  }

  @Override
  public void onError(Throwable fault) {
    result.completeExceptionally(fault);
  }

  @Override
  public void onComplete() {
    result.complete(new Read(kept.toByteArray(), true));
  }
}
