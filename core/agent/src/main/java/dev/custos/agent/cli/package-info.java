/**
 * The commands. Each is described to picocli by code rather than by annotations, and only the one
 * that is asked for: both for the time that a start takes.
 */
package dev.custos.agent.cli;
