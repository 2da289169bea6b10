/** The sink that writes events to the agent's standard output. */
package dev.custos.sinks.stdout;
