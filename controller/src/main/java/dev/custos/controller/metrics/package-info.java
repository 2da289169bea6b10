/**
 * What is counted, and the HTTP endpoint that says it: Prometheus' text format, and health for the
 * kubelet's probes. Counters are written by any thread; a reading takes what they are just then.
 */
package dev.custos.controller.metrics;
