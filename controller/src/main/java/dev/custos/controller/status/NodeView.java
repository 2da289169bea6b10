package dev.custos.controller.status;

import java.time.Duration;
import java.util.Map;

/**
 * What is known of a node as far as one resource is concerned.
 *
 * @param absentFor how long its agent has not been there; 0 if it is
 * @param version of the snapshot that was reported on; empty if none was
 * @param rows what was reported of the resource
 * @param fault why the newest snapshot is not in force; null if nothing is known against it
 */
record NodeView(
    boolean connected,
    Duration absentFor,
    String version,
    Map<Place, Map<String, PathStatus>> rows,
    NodeFault fault) {
  /** A subject in a container. */
  record Place(int index, String container) {}

  static NodeView absent(Duration time) {
    return new NodeView(false, time, "", Map.of(), null);
  }

  /** The same without what was reported of the resource. */
  NodeView withoutRows() {
    return new NodeView(connected, absentFor, version, Map.of(), fault);
  }
}
