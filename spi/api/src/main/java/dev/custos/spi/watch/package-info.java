/** Watching: learning of changes after they happened. */
package dev.custos.spi.watch;
