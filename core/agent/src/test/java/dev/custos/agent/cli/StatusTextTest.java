package dev.custos.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusTextTest {
  private static List<String> lines(String json) {
    return StatusText.of(ConfigFactory.parseString(json));
  }

  private static String agent(String backends, String sinks) {
    return """
    {"version": "1.2.3", "node": "rack-7", "uptimeSeconds": 11520, "ready": true,
     "healthy": false, "published": 18, "problems": ["all is lost"],
     "backends": [%s], "sinks": [%s]}
    """
        .formatted(backends, sinks);
  }

  private static String path(int i) {
    return """
    {"target": "host", "subject": "ArgusWatcher web: spec.subjects[0]", "path": "/p%s",
     "state": "failed", "reason": "ENOSPC"}
    """
        .formatted(i);
  }

  @Test
  void pathsThatAreNotActiveAreNamedUpToTenAndTheRestIsCounted() {
    StringBuilder paths = new StringBuilder(path(0));
    for (int i = 1; i < 30; i++) {
      paths.append(',').append(path(i));
    }
    List<String> lines =
        lines(
            agent(
                """
                {"role": "watch", "name": "inotify", "kernelObjects": 412, "restarts": 0,
                 "targets": [{"id": "host", "active": 3, "pending": 0, "failed": 40}],
                 "notActive": [%s]}
                """
                    .formatted(paths),
                ""));
    assertThat(lines)
        .startsWith(
            "custos 1.2.3 on rack-7, up 3 h 12 min, ready, not healthy, 18 events",
            "watch (inotify): 1 target, 43 paths: 3 active, 0 pending, 40 failed; 412 kernel"
                + " watches",
            "  failed: /p0: ENOSPC (ArgusWatcher web: spec.subjects[0], target host)")
        .endsWith("  and 30 more that are not active", "problem: all is lost")
        .hasSize(14);
  }

  @Test
  void aBackendThatNobodyAskedForIsLeftOut() {
    assertThat(
            lines(
                agent(
                    "{\"role\": \"guard\", \"name\": \"fanotify\", \"kernelObjects\": 0,"
                        + " \"restarts\": 0, \"targets\": [], \"notActive\": []}",
                    "")))
        .hasSize(2);
  }

  @Test
  void whatAReceiverSaidCanNotReachTheTerminal() {
    String sink =
        """
        {"name": "web", "open": true, "failing": true, "written": 1, "queued": 2, "retried": 3,
         "rejected": 4, "lost": 5, "offered": 9, "deadLettered": 0, "oldestSeconds": 90,
         "spoolBytes": 4096, "spoolFailing": false, "lastError": "no\\u001b[2J\\nsink: well"}
        """;
    assertThat(lines(agent("", sink)))
        .contains(
            "sink web: failing, 1 written, 2 queued, 3 retried, 4 rejected, 5 lost",
            "  last error: no\\x1b[2J\\nsink: well")
        .noneMatch(line -> line.contains("\u001b") || line.contains("\n"));
  }

  @Test
  void somethingElsesAnswerIsToldApart() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> lines("{\"status\": \"up\"}"));
  }
}
