package dev.custos.manifest;

/** The faults of one resource. */
final class ResourceFaults {
  private final FaultLog log;
  private final String kind;
  private final String resource;
  private boolean failed;

  ResourceFaults(FaultLog log, String kind, String resource) {
    this.log = log;
    this.kind = FaultLog.shortened(kind);
    this.resource = FaultLog.shortened(resource);
  }

  void error(int line, String field, String message) {
    failed = true;
    add(Fault.Severity.ERROR, line, field, message);
  }

  void warning(int line, String field, String message) {
    add(Fault.Severity.WARNING, line, field, message);
  }

  private void add(Fault.Severity severity, int line, String field, String message) {
    log.add(new Fault(severity, log.file(), line, kind, resource, field, message));
  }

  /** Whether any was an error. */
  boolean failed() {
    return failed;
  }
}
