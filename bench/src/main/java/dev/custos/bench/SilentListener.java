package dev.custos.bench;

import dev.custos.agent.pipeline.PipelineListener;
import java.time.Duration;

/** Any word from the pipeline here would mean that the figure is of something else. */
final class SilentListener implements PipelineListener {
  @Override
  public void failing(String sink, String reason, Duration pause) {
    throw new IllegalStateException(reason);
  }

  @Override
  public void recovered(String sink) {
    throw new IllegalStateException(sink);
  }

  @Override
  public void rejected(String sink, long count, String reason) {
    throw new IllegalStateException(reason);
  }

  @Override
  public void stuck(String sink, String what) {
    throw new IllegalStateException(what);
  }

  @Override
  public void closed(String sink, String reason, Throwable cause) {
    throw new IllegalStateException(reason, cause);
  }

  @Override
  public void limitReached(String sink) {
    throw new IllegalStateException(sink);
  }

  @Override
  public void spoolFailing(String sink, String reason) {
    throw new IllegalStateException(reason);
  }
}
