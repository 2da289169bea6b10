package dev.custos.agent.link;

import dev.custos.agent.desired.KernelInspection;
import dev.custos.agent.plugin.ProbedBackend;
import dev.custos.protocol.v1.AgentMessage;
import dev.custos.protocol.v1.Backend;
import dev.custos.protocol.v1.BackendRole;
import dev.custos.protocol.v1.Hello;
import dev.custos.protocol.v1.Inspected;
import dev.custos.protocol.v1.Refused;
import java.util.List;

/** What the agent says that follows from its arguments alone. */
final class Messages {
  private static final int DIFFERENCES_TOLD = 20;

  private Messages() {}

  /**
   * The first message.
   *
   * @param held the version of the snapshot that is in force; empty if none is
   */
  static AgentMessage hello(
      LinkSettings settings, String runId, String held, List<ProbedBackend> backends) {
    Hello.Builder hello =
        Hello.newBuilder()
            .setNode(settings.node())
            .setRunId(runId)
            .setAgentVersion(settings.version())
            .setSnapshotVersion(held);
    for (ProbedBackend backend : backends) {
      hello.addBackends(
          Backend.newBuilder()
              .setName(backend.name())
              .setRole(
                  switch (backend.role()) {
                    case WATCH -> BackendRole.BACKEND_ROLE_WATCH;
                    case GUARD -> BackendRole.BACKEND_ROLE_GUARD;
                    case SCAN -> BackendRole.BACKEND_ROLE_SCAN;
                  })
              .setAvailable(backend.availability().available())
              .setReason(PathRows.bounded(backend.availability().reason())));
    }
    return AgentMessage.newBuilder().setHello(hello).build();
  }

  static AgentMessage refused(String version, String reason) {
    return AgentMessage.newBuilder()
        .setRefused(
            Refused.newBuilder()
                .setVersion(PathRows.bounded(version))
                .setReason(PathRows.bounded(reason)))
        .build();
  }

  static AgentMessage inspected(String version, KernelInspection inspection) {
    Inspected.Builder inspected =
        Inspected.newBuilder()
            .setVersion(version)
            .setDigest(inspection.digest())
            .setExpected(inspection.expected())
            .setFound(inspection.found());
    inspection.differences().stream()
        .limit(DIFFERENCES_TOLD)
        .map(PathRows::bounded)
        .forEach(inspected::addDifferences);
    return AgentMessage.newBuilder().setInspected(inspected).build();
  }
}
