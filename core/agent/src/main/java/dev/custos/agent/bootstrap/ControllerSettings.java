package dev.custos.agent.bootstrap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the controller is and how it is known; the command line says what is not said here.
 *
 * @param ca the authorities' certificates
 * @param token what the agent proves itself with
 * @param serverName what the controller's certificate must be for, if not for its address
 * @param inspection how often the kernel is compared with what it should have; zero for never
 */
public record ControllerSettings(
    Optional<HostPort> address,
    Optional<Path> ca,
    Optional<Path> token,
    Optional<String> serverName,
    Duration inspection) {
  static final String ADDRESS = "of the form HOST:PORT";

  /** Nothing is said. */
  public static final ControllerSettings NONE =
      new ControllerSettings(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Duration.ofMinutes(10));
}
