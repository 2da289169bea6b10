package dev.custos.fanotify;

import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathOpener;
import dev.custos.spi.event.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToLongFunction;
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
  // Written to the working directory, unless another option names a place.
  private static final Pattern UNNAMED =
      Pattern.compile(
          "-XX:\\+(?:HeapDumpOnOutOfMemoryError|HeapDumpBeforeFullGC|HeapDumpAfterFullGC"
              + "|LogVMOutput|LogCompilation)");
  // Written to the folder for temporary files.
  private static final Pattern RECORDING =
      Pattern.compile("-XX:(?:StartFlightRecording|FlightRecorderOptions).*");
  // Files of more options: the java command's and the virtual machine's.
  private static final Pattern MORE = Pattern.compile("(?:@|-XX:VMOptionsFile=)(.+)");
  private static final int LONGEST_OPTIONS_FILE = 1 << 20;
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
    for (String option : withMore(options, workingDirectory)) {
      if (UNNAMED.matcher(option).matches()) {
        files.add(workingDirectory.resolve("java.hprof"));
      }
      if (RECORDING.matcher(option).matches()) {
        path(workingDirectory, System.getProperty("java.io.tmpdir") + "/jfr").ifPresent(files::add);
      }
      for (Pattern pattern : NAMED) {
        Matcher matcher = pattern.matcher(option);
        if (matcher.matches()) {
          path(workingDirectory, matcher.group(1)).ifPresent(files::add);
        }
      }
    }
    return new JvmFiles(files.stream().distinct().toList());
  }

  private static List<String> withMore(List<String> options, Path workingDirectory) {
    List<String> all = new ArrayList<>(options);
    for (String option : options) {
      Matcher matcher = MORE.matcher(option);
      if (matcher.matches()) {
        path(workingDirectory, matcher.group(1)).ifPresent(file -> all.addAll(read(file)));
      }
    }
    return all;
  }

  private static List<String> read(Path file) {
    try {
      return Files.size(file) > LONGEST_OPTIONS_FILE
          ? List.of()
          : List.of(Files.readString(file).split("\\s+"));
    } catch (IOException e) {
      // Options that can't be read now, or are no text, were none for the virtual machine either.
      return List.of();
    }
  }

  private static Optional<Path> path(Path workingDirectory, String name) {
    try {
      return Optional.of(workingDirectory.resolve(name).normalize());
    } catch (InvalidPathException e) {
      // The virtual machine can't open it either.
      return Optional.empty();
    }
  }

  /** Where they are now: to be asked for each look at a target. */
  Places places() {
    Places places = new Places();
    for (Path file : files) {
      places.add(file, file);
      places.add(real(file), file);
    }
    return places;
  }

  /** The files, their directories, and what is above those, as objects. */
  static final class Places {
    // By the keys of the objects: whose file it is.
    private final Map<Object, Path> near = new HashMap<>();
    private final Map<Object, Path> above = new HashMap<>();

    private void add(Path path, Path file) {
      int up = 0;
      for (Path at = path; at != null; at = at.getParent()) {
        Object key = key(at);
        if (key != null) {
          (up < 2 ? near : above).putIfAbsent(key, file);
        }
        up++;
      }
    }

    /**
     * Why what a descriptor has open must not be guarded; empty if it may. It is one of the files
     * or the directory of one, or, with {@code recursive}, a directory above.
     */
    String refusal(int fd, boolean recursive) {
      if (near.isEmpty() && above.isEmpty()) {
        return "";
      }
      Object key = key(Path.of("/proc/self/fd/" + fd));
      Path file = near.get(key);
      if (file == null && recursive) {
        file = above.get(key);
      }
      return file == null ? "" : JvmFiles.refusal(file);
    }

    /** Null where there is nothing. */
    private static Object key(Path path) {
      try {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      } catch (IOException notThere) {
        return null;
      }
    }
  }

  /**
   * Why the file system that a descriptor is on must not be guarded as a whole; empty if it may.
   *
   * @param superBlock tells the file system of a descriptor
   */
  String refusalOfWhole(int fd, IntToLongFunction superBlock) {
    for (Path file : files) {
      if (isOn(file, superBlock.applyAsLong(fd), superBlock)
          || isOn(real(file), superBlock.applyAsLong(fd), superBlock)) {
        return refusal(file);
      }
    }
    return "";
  }

  private static String refusal(Path file) {
    return "is where the agent's own virtual machine writes "
        + Printable.escape(file.toString())
        + ", and it would wait for itself; have it write elsewhere";
  }

  /** Where symbolic links lead a file, as far as there is anything on the way. */
  private static Path real(Path file) {
    for (Path at = file; at != null; at = at.getParent()) {
      try {
        return at.toRealPath().resolve(at.relativize(file)).normalize();
      } catch (IOException notThere) {
        // It will be made in what is above it, which is next.
      }
    }
    return file;
  }

  /** By the nearest directory that is there. */
  private static boolean isOn(Path file, long block, IntToLongFunction superBlock) {
    for (Path at = file; at != null; at = at.getParent()) {
      try (FileDescriptor directory = PathOpener.openRoot(at.toString())) {
        return superBlock.applyAsLong(directory.number()) == block;
      } catch (NativeException notThere) {
        // What is above it is next.
      }
    }
    return false;
  }
}
