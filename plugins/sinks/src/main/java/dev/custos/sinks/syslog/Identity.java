package dev.custos.sinks.syslog;

/**
 * Who speaks.
 *
 * @param hostname empty for the node that an event comes from
 * @param process the PROCID
 */
record Identity(String hostname, String application, String process) {}
