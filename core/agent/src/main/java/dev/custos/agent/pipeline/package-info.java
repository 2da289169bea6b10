/**
 * Takes events from backends and brings them to sinks: sequence numbers, a bounded queue for each
 * sink, batches, retries, and the count of what was lost.
 *
 * <p>Threads: any number of backend threads publish. {@link
 * dev.custos.agent.pipeline.EventPipeline} has one lock, which guards the sequence and all queues;
 * it is held for as long as some references take to copy, never during a call of a sink. Each sink
 * has a thread of its own, a {@link dev.custos.agent.pipeline.SinkWorker}; what only that thread
 * touches has no lock. One more thread, the {@link dev.custos.agent.pipeline.WriteSupervisor},
 * looks for writes that take too long.
 */
package dev.custos.agent.pipeline;
