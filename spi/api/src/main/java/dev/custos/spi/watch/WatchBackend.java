package dev.custos.spi.watch;

import dev.custos.spi.Backend;

/** A backend that publishes {@link dev.custos.spi.event.FileChanged} for what is in its plans. */
public interface WatchBackend extends Backend<WatchPlan> {}
