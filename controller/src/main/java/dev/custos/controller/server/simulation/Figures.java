package dev.custos.controller.server.simulation;

/**
 * What a simulation measured; times in nanoseconds.
 *
 * @param listed until the state held all pods and watchers
 * @param connected until every agent had its first snapshot and had said so
 * @param added from a pod's appearance until its node's agent had said that it watches there
 * @param changed until every agent had said so of a change that concerned all of them
 * @param resynced until every agent had its snapshot again, after all streams had ended
 * @param heap bytes that were in use after a full collection, agents' side included
 */
public record Figures(
    long listed, long connected, Latencies added, long changed, long resynced, long heap) {}
