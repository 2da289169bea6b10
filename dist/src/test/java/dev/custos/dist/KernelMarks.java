package dev.custos.dist;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel says a process watches and guards: proc(5), {@code /proc/PID/fdinfo}. */
final class KernelMarks {
  private static final Pattern MARK = Pattern.compile("^(inotify|fanotify) .*sdev:([0-9a-f]+)");

  private KernelMarks() {}

  /** The devices on which something is watched: {@code inotify 7f}, or guarded. */
  static Set<String> of(long pid) throws IOException {
    Set<String> devices = new HashSet<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path file : files) {
        add(file, devices);
      }
    }
    return devices;
  }

  private static void add(Path file, Set<String> devices) throws IOException {
    try {
      for (String line : Files.readAllLines(file)) {
        Matcher mark = MARK.matcher(line);
        if (mark.find()) {
          devices.add(mark.group(1) + " " + mark.group(2));
        }
      }
    } catch (NoSuchFileException closed) {
      // Between listing and reading.
    }
  }
}
