/**
 * Opens the targets that plans apply to: the host, and containers by their cgroups.
 *
 * <p>What a container does is data of somebody hostile. It is known by its place in the cgroup tree
 * and by nothing that it can choose; its process is held by pidfd and by its folder in {@code
 * /proc}, so that no other process can come in its place; and one with the host's files is refused.
 *
 * <p>Threads: an opener is called by one at a time. {@link dev.custos.agent.container.ProcessExits}
 * has a thread of its own.
 */
package dev.custos.agent.container;
