/**
 * The wire form of a node's desired state. Pure functions between {@link
 * dev.custos.snapshot.NodeSnapshot} and the messages of {@code agent.proto}; whoever opens or
 * serves the stream is the only one to use them.
 */
package dev.custos.protocol;
