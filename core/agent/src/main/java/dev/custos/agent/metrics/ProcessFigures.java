package dev.custos.agent.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel knows of this process: proc(5). A figure that can't be read is 0. */
final class ProcessFigures {
  private static final Path SELF = Path.of("/proc/self");

  // The units that the kernel shows user programs, on every architecture that the agent runs on:
  // sysconf(3), _SC_CLK_TCK.
  private static final double TICKS_PER_SECOND = 100;

  private static final int UTIME = 11;
  private static final int STIME = 12;

  private ProcessFigures() {}

  static double residentBytes() {
    String text = read("status");
    int at = text.indexOf("VmRSS:");
    if (at < 0) {
      return 0;
    }
    String[] words = text.substring(at).split("\\s+", 3);
    return Long.parseLong(words[1]) * 1024.0;
  }

  static double cpuSeconds() {
    String text = read("stat");
    // The name of the command may hold anything: what counts comes after its bracket.
    int end = text.lastIndexOf(')');
    if (end < 0) {
      return 0;
    }
    String[] fields = text.substring(end + 2).split(" ", -1);
    return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_PER_SECOND;
  }

  static double openDescriptors() {
    int count = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(SELF.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        count += descriptor.getNameCount() > 0 ? 1 : 0;
      }
    } catch (IOException e) {
      return 0;
    }
    return count - 1; // without the one that listed them
  }

  private static String read(String name) {
    try {
      return Files.readString(SELF.resolve(name), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
