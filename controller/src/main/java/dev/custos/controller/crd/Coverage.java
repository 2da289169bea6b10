package dev.custos.controller.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;

/**
 * How many of the paths that a resource asks for are served, as the agents reported it. A path
 * counts once for each subject that names it and each running container of each selected pod.
 *
 * @param requested the sum of the others
 * @param active served
 * @param pending not yet served, or nobody has said so
 * @param failed will not be served by itself
 * @param notActive the first few that are not active: failed ones first, then by pod, container and
 *     path
 */
@JsonIgnoreProperties(ignoreUnknown = true) // of a later version
public record Coverage(
    int requested, int active, int pending, int failed, List<InactivePath> notActive) {
  /** How many paths {@link #notActive} names at most. */
  public static final int MOST_NAMED = 20;

  public Coverage {
    notActive = notActive == null ? List.of() : List.copyOf(notActive);
  }

  /**
   * A path that is not served.
   *
   * @param path as the subject wrote it; bounded, and one line
   * @param reason why not, for humans; bounded, and one line
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record InactivePath(String pod, String container, String path, String reason) {}
}
