/**
 * The agents' streams, and the only place that knows the wire form. gRPC calls a stream's observer
 * from one thread at a time; snapshots come from the queue's threads, so a session guards its state
 * by itself.
 */
package dev.custos.controller.server;
