/**
 * What the agent counts and how it stands, and the endpoint that serves both. Events are counted as
 * they pass, and only where somebody asked for an endpoint; everything else is read when it is
 * asked for.
 */
package dev.custos.agent.metrics;
