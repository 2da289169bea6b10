/**
 * The sink that posts events to an HTTP server, in batches, in the body that the server's API asks
 * for.
 *
 * <p>A sink and all that belongs to it is used by one thread at a time, as {@link
 * dev.custos.spi.sink} promises; nothing here is thread-safe but the body's subscriber, which the
 * HTTP client's thread calls.
 */
package dev.custos.sinks.http;
