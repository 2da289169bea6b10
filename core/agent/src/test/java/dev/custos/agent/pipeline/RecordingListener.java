package dev.custos.agent.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what the pipeline says, a line each. */
class RecordingListener implements PipelineListener {
  final List<String> said = new CopyOnWriteArrayList<>();

  @Override
  public void failing(String sink, String reason, Duration pause) {
    said.add("failing " + sink + ": " + reason);
  }

  @Override
  public void recovered(String sink) {
    said.add("recovered " + sink);
  }

  @Override
  public void rejected(String sink, long count, String reason) {
    said.add("rejected " + sink + ": " + count + " " + reason);
  }

  @Override
  public void stuck(String sink, String what) {
    said.add("stuck " + sink + ": " + what);
  }

  @Override
  public void closed(String sink, String reason, Throwable cause) {
    said.add("closed " + sink + ": " + reason);
  }

  @Override
  public void limitReached(String sink) {
    said.add("limit " + sink);
  }

  @Override
  public void spoolFailing(String sink, String reason) {
    said.add("spool failing " + sink + ": " + reason);
  }

  @Override
  public void spoolRecovered(String sink) {
    said.add("spool recovered " + sink);
  }
}
