/**
 * TLS for sinks that connect to servers: files in PEM (RFC 7468) become an {@code SSLContext} that
 * reads them again when they change.
 *
 * <p>Everything here is thread-safe: a handshake may run on any thread.
 */
package dev.custos.sinks.tls;
