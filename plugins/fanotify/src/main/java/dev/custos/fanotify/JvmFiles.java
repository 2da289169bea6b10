package dev.custos.fanotify;

import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that the virtual machine writes by itself, as its options name them. It may open one while
 * all threads of the agent stand still, and would wait for a reader that stands still too.
 */
final class JvmFiles {
  private static final List<Pattern> NAMED =
      List.of(
          Pattern.compile("-Xlog:[^:]*:file=\"?([^:\"]+).*"),
          Pattern.compile("-Xlog:[^:]*:(?!file=|stdout|stderr|:)\"?([^:\"]+).*"),
          Pattern.compile("-Xloggc:(.+)"),
          Pattern.compile("-XX:(?:HeapDumpPath|ErrorFile|LogFile|VMLogFile)=(.+)"),
          Pattern.compile("-XX:StartFlightRecording.*[:=,]filename=([^,]+).*"),
          Pattern.compile("-XX:FlightRecorderOptions.*[:=,]repository=([^,]+).*"));
  private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

  private final List<Path> files;

  private JvmFiles(List<Path> files) {
    this.files = files;
  }

  /** Those of this process. */
  static JvmFiles ofThisProcess() {
    List<String> options = new ArrayList<>();
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc/self/cmdline"));
      options.addAll(Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0")));
    } catch (IOException e) {
      throw new IllegalStateException("/proc/self/cmdline can't be read: " + e, e);
    }
    Map<String, String> environment = System.getenv();
    VARIABLES.forEach(v -> options.addAll(List.of(environment.getOrDefault(v, "").split("\\s+"))));
    return of(options, Path.of("").toAbsolutePath());
  }

  /** Those that options name. */
  static JvmFiles of(List<String> options, Path workingDirectory) {
    List<Path> files = new ArrayList<>();
    for (String option : options) {
      if (option.equals("-XX:+HeapDumpOnOutOfMemoryError")) {
        files.add(workingDirectory.resolve("java.hprof"));
      }
      for (Pattern pattern : NAMED) {
        Matcher matcher = pattern.matcher(option);
        if (matcher.matches()) {
          path(workingDirectory, matcher.group(1)).ifPresent(files::add);
        }
      }
    }
    return new JvmFiles(List.copyOf(files));
  }

  private static Optional<Path> path(Path workingDirectory, String name) {
    try {
      return Optional.of(workingDirectory.resolve(name).normalize());
    } catch (InvalidPathException e) {
      // The virtual machine can't open it either.
      return Optional.empty();
    }
  }

  /**
   * Why what a descriptor has open must not be guarded; empty if it may. It is one of the files or
   * the directory of one, or, with {@code recursive}, a directory above.
   */
  String refusal(int fd, boolean recursive) {
    Path object = Path.of("/proc/self/fd/" + fd);
    for (Path file : files) {
      int above = 0;
      for (Path at = file; at != null && (recursive || above < 2); at = at.getParent()) {
        if (isSame(object, at)) {
          return "is where the agent's own virtual machine writes "
              + Printable.escape(file.toString())
              + ", and it would wait for itself; have it write elsewhere";
        }
        above++;
      }
    }
    return "";
  }

  private static boolean isSame(Path object, Path path) {
    try {
      return Files.isSameFile(object, path);
    } catch (IOException notThere) {
      return false;
    }
  }
}
