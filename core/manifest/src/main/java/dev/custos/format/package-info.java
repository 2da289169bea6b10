/**
 * Line templates: parsed once, with every fault found then, and rendered many times.
 *
 * <p>{@link dev.custos.format.LineTemplate} is immutable and may be shared by threads. {@link
 * dev.custos.format.LineBuffer} belongs to one thread at a time.
 */
package dev.custos.format;
