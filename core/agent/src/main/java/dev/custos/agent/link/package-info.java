/**
 * The agent's end of the controller's stream, and the last snapshot on disk. The only package of
 * the agent that knows the wire form: an agent without a controller loads none of it, nor of gRPC
 * and protobuf.
 *
 * <p>Threads: a {@link dev.custos.agent.link.ControllerLink} has one thread. Everything of it
 * happens there: gRPC's callbacks, the applying of snapshots, the store, the calls of its listener.
 * So its state needs no lock. Only {@code statusChanged} and {@code close} may be called by others.
 */
package dev.custos.agent.link;
