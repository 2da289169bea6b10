package dev.custos.spi.scan;

import dev.custos.spi.Target;
import dev.custos.spi.event.Subject;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What one scan is to do.
 *
 * @param rules the scanner's own configuration text, as its owner wrote it
 * @param workspace a directory that belongs to this subject on this node and outlives the agent:
 *     databases, logs and backups go there
 * @param maxBackups how many backups of a database or log are kept
 */
public record ScanPlan(
    Target target, Subject subject, String rules, Path workspace, int maxBackups) {
  public ScanPlan {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(workspace, "workspace");
  }
}
