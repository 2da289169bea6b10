/**
 * The whole desired state of one node, as values, and the pure function that makes it of manifests
 * and pods.
 */
package dev.custos.snapshot;
