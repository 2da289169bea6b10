/** What the agent counts. Nothing here is on an event's way: figures are read when asked for. */
package dev.custos.agent.metrics;
