/**
 * What happened, as values. Every type here is immutable and may be handed between threads freely.
 * Nothing in this package knows of backends, plans or sinks.
 */
package dev.custos.spi.event;
