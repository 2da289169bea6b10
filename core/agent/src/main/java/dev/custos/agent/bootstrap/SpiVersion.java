package dev.custos.agent.bootstrap;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Which version this is, as the build wrote it beside the classes. */
public final class SpiVersion {
  private SpiVersion() {}

  /** The whole version: {@code 0.1.0-SNAPSHOT}. */
  public static String full() {
    try (InputStream in = SpiVersion.class.getResourceAsStream("version.txt")) {
      if (in == null) {
        throw new IllegalStateException("version.txt is missing beside " + SpiVersion.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
    } catch (IOException e) {
      throw new IllegalStateException("version.txt can't be read", e);
    }
  }

  /**
   * The version that {@code Plugin-Requires} is compared with: without a qualifier, because a
   * snapshot of 0.1.0 has 0.1.0's SPI, and semantic versioning sorts it below.
   */
  public static String forPlugins() {
    String full = full();
    int dash = full.indexOf('-');
    return dash < 0 ? full : full.substring(0, dash);
  }
}
