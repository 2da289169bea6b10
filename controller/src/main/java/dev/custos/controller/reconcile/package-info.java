/**
 * From the API server's objects to the nodes that they concern. Informers' threads only note what
 * has changed; the work is done by the queue's threads, never twice at a time for the same node.
 */
package dev.custos.controller.reconcile;
