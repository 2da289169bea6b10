/**
 * Connections to servers on which nothing waits without an end: looking a name up, connecting, the
 * TLS handshake, writing and reading each have a deadline and end when their thread is interrupted.
 *
 * <p>An interrupt shows as an {@link java.io.InterruptedIOException} and leaves the thread's mark
 * set; a deadline that has passed as a {@link java.net.SocketTimeoutException}. A connection
 * belongs to one thread at a time.
 */
package dev.custos.sinks.connect;
