/**
 * A sink's spool: an append-only log of events on disk, in segments, with a read position that
 * outlives the process.
 *
 * <p>One directory holds the spool of one sink: {@code lock}, {@code cursor}, segments {@code
 * NUMBER.seg} and gaps {@code NUMBER.gap}, which stand for what was dropped and are delivered in
 * their place as {@link dev.custos.spi.event.EventsLost}.
 *
 * <p>Threads: one appends, one syncs, one reads and acknowledges; each of them may be the same.
 * {@link dev.custos.agent.spool.SpoolLog} has a lock for what they share, which is not held while
 * the disk is written, read or synced, but for the few bytes of a gap and the cursor.
 */
package dev.custos.agent.spool;
