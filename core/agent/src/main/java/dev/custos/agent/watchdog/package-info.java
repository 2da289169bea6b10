/**
 * What keeps an eye on the agent from outside, and what the agent tells it: its launcher, which
 * kills it when it gives no sign of life while files are guarded, and systemd.
 *
 * <p>{@link dev.custos.agent.watchdog.Heartbeat} has one thread, and everything that it says is
 * said by that thread or under its lock.
 */
package dev.custos.agent.watchdog;
