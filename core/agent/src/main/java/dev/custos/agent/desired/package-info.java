/**
 * Turns a node's desired state into plans for each target, and keeps backends to them.
 *
 * <p>Threads: each target of each backend has a serial lane, so that one that does not answer holds
 * up no other. A {@link dev.custos.agent.desired.BackendReconciler} guards its books with its own
 * monitor, and holds it during no call of a backend, publisher or listener.
 */
package dev.custos.agent.desired;
