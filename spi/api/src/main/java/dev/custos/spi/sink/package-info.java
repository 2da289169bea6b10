/**
 * Sinks: where events go.
 *
 * <h2>What the host promises a sink</h2>
 *
 * <ol>
 *   <li>{@code write} is called by one thread at a time, with events in the order of their sequence
 *       numbers, and never after {@code close}.
 *   <li>Queueing, batching, retry, spooling and the count of losses are the host's. A sink says
 *       what happened, and nothing more.
 *   <li>A slow sink delays no other: it has a thread and a queue of its own.
 *   <li>{@code write} may block up to a deadline. Then its thread is interrupted; if that does not
 *       help, the sink is abandoned and a new one opened.
 * </ol>
 */
package dev.custos.spi.sink;
