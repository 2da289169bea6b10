package dev.custos.agent.pipeline;

/**
 * How one sink stands.
 *
 * @param queued events that wait for it
 * @param open whether it still gets events
 */
public record SinkStatus(String name, int queued, boolean open, SinkCounters counters) {}
