/**
 * Finds plugins, loads them apart from the host and from each other, and lists what they provide.
 * The only package that knows PF4J.
 */
package dev.custos.agent.plugin;
