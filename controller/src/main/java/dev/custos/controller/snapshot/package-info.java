/**
 * What the cluster looks like as far as snapshots need it, and which snapshot each node has. State
 * is guarded by the object that holds it; all of it is made anew of the API server's objects after
 * a restart.
 */
package dev.custos.controller.snapshot;
