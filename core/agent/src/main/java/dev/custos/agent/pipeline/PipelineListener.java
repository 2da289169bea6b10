package dev.custos.agent.pipeline;

import java.time.Duration;

/**
 * Hears how sinks fare. Called by workers and the supervisor; must not block, and must not close
 * the pipeline itself.
 */
public interface PipelineListener {
  /** A write failed and is tried again after {@code pause}. */
  void failing(String sink, String reason, Duration pause);

  /** A write worked again after some had failed. */
  void recovered(String sink);

  /** The receiver will never take {@code count} events; the first reason stands for all. */
  void rejected(String sink, long count, String reason);

  /** A write is past its deadline: {@code what} the host does about it. */
  void stuck(String sink, String what);

  /** The sink failed for good and gets no more events. */
  void closed(String sink, String reason, Throwable cause);

  /** The sink wrote as many events as its policy allows. */
  void limitReached(String sink);

  /** The disk refuses a sink's spool, for {@code reason}. Events wait in memory meanwhile. */
  default void spoolFailing(String sink, String reason) {}

  /** The disk takes a sink's events again. */
  default void spoolRecovered(String sink) {}
}
