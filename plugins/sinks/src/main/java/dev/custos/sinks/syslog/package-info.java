/**
 * The sink that sends events to a syslog server: a {@link dev.custos.sinks.syslog.MessageFormat}
 * (RFC 5424 or RFC 3164) makes a message of an event, and a sink for each kind of transport carries
 * it: datagrams (RFC 5426, {@code /dev/log}), streams with a framing (RFC 6587, RFC 5425), and
 * RELP.
 *
 * <p>An event is one message, whatever its file is called: no byte below 0x20 and no 0x7f is ever
 * in one, and what is within structured data is escaped.
 */
package dev.custos.sinks.syslog;
