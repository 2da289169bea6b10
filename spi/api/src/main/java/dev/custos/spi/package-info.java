/**
 * What every backend shares: the target it works on, what the host lends it, and how it answers.
 *
 * <h2>What the host promises a backend</h2>
 *
 * <ol>
 *   <li>{@code apply} calls for one target are serial and never follow {@code close}; different
 *       targets are applied independently and concurrently, each with a deadline.
 *   <li>A plan is always a target's whole desired state, never a change. An empty plan watches or
 *       guards nothing, and lets go of the target.
 *   <li>The descriptors of a {@link dev.custos.spi.Target} stay open until the {@code apply} of an
 *       empty plan for it has returned, or {@code close} has.
 *   <li>{@link dev.custos.spi.EventPublisher} never waits for a sink and never throws.
 *   <li>After an exception from {@code apply} the backend is taken for dead: the host closes it,
 *       opens a new one, applies all plans to it and reports the time between as lost.
 * </ol>
 *
 * <h2>What a backend promises the host</h2>
 *
 * <ol>
 *   <li>The same plan twice changes nothing. What stays in the plan keeps its kernel object, so
 *       that its events have no gap.
 *   <li>A path that can't be had is a row of the report beside its good neighbours, never an
 *       exception; an exception means that nothing works any more.
 *   <li>What changes after {@code apply} goes through {@link dev.custos.spi.Coverage} at once.
 *   <li>Threads come from {@link dev.custos.spi.BackendContext#threads()}, and none is left after
 *       {@code close}, nor any descriptor.
 * </ol>
 *
 * The test kit's contracts hold a backend to these.
 */
package dev.custos.spi;
