/**
 * A cluster that does not exist, to find out what the controller costs: pods and watchers that
 * nobody made, and agents that connect by real streams and report that all is well.
 */
package dev.custos.controller.server.simulation;
