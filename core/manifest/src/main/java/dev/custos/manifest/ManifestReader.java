package dev.custos.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Reads resources from YAML or JSON and finds all their faults at once. It never throws for what
 * the input holds.
 *
 * <p>A fault spoils its resource alone, and a syntax error its document alone. Bounds hold against
 * hostile input: the size of a file, the depth of nesting, the number of values with aliases
 * written out, the number of faults. Stateless; threads may call at once.
 */
public final class ManifestReader {
  /** The greatest size of one file, in bytes; of a text, in UTF-16 units. */
  public static final int MAX_BYTES = 4 << 20;

  private static final String BYTE_ORDER_MARK = "\ufeff";
  private static final String TOO_LARGE =
      "larger than " + (MAX_BYTES >> 20) + " MiB, which is more than is read; split the file";

  private ManifestReader() {}

  /**
   * Reads files. Of a directory, its direct children named {@code *.yaml}, {@code *.yml} and {@code
   * *.json} are read in the order of their names, but for those whose name starts with a dot. Two
   * resources of one kind, namespace and name are a fault, also if they are in different files.
   */
  public static ReadResult read(Collection<Path> files) {
    ResourceReader resources = new ResourceReader();
    List<Fault> faults = new ArrayList<>();
    for (Path file : files) {
      if (Files.isDirectory(file)) {
        readDirectory(file, resources, faults);
      } else {
        readFile(file, resources, faults);
      }
    }
    return new ReadResult(resources.manifests(), faults);
  }

  /**
   * Reads a stream to its end, or up to the greatest size; does not close it.
   *
   * @param file what faults call it
   */
  public static ReadResult read(String file, InputStream in) {
    ResourceReader resources = new ResourceReader();
    FaultLog faults = new FaultLog(file);
    try {
      read(in.readNBytes(MAX_BYTES + 1), resources, faults);
    } catch (IOException e) {
      faults.error(0, "can't be read: " + e.getMessage());
    }
    return new ReadResult(resources.manifests(), faults.faults());
  }

  /**
   * Reads a text.
   *
   * @param file what faults call it
   */
  public static ReadResult read(String file, String text) {
    ResourceReader resources = new ResourceReader();
    FaultLog faults = new FaultLog(file);
    read(text, resources, faults);
    return new ReadResult(resources.manifests(), faults.faults());
  }

  private static void readDirectory(Path directory, ResourceReader resources, List<Fault> faults) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (!name.startsWith(".") && name.matches("(?s).*\\.(yaml|yml|json)")) {
          files.add(child);
        }
      }
    } catch (IOException e) {
      faults.add(unreadable(directory, e));
      return;
    }
    if (files.isEmpty()) {
      FaultLog log = new FaultLog(directory.toString());
      log.warning(0, "holds no file named *.yaml, *.yml or *.json");
      faults.addAll(log.faults());
    }
    files.sort(null);
    files.forEach(file -> readFile(file, resources, faults));
  }

  private static void readFile(Path file, ResourceReader resources, List<Fault> faults) {
    FaultLog log = new FaultLog(file.toString());
    try (InputStream in = Files.newInputStream(file)) {
      read(in.readNBytes(MAX_BYTES + 1), resources, log);
    } catch (IOException e) {
      faults.add(unreadable(file, e));
    }
    faults.addAll(log.faults());
  }

  private static Fault unreadable(Path file, IOException e) {
    String reason =
        e instanceof NoSuchFileException
            ? "there is no such file"
            : e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    return new Fault(
        Fault.Severity.ERROR, file.toString(), 0, "", "", "", "can't be read: " + reason);
  }

  private static void read(byte[] bytes, ResourceReader resources, FaultLog faults) {
    if (bytes.length > MAX_BYTES) {
      faults.error(0, TOO_LARGE);
      return;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    if (result.isError()) {
      String decoded = out.flip().toString();
      int line = 1 + (int) decoded.chars().filter(c -> c == '\n').count();
      faults.error(line, "is not UTF-8 here: byte " + hex(bytes[in.position()]));
      return;
    }
    read(out.flip().toString(), resources, faults);
  }

  private static String hex(byte b) {
    return String.format("0x%02x", b);
  }

  private static void read(String text, ResourceReader resources, FaultLog faults) {
    if (text.length() > MAX_BYTES) {
      faults.error(0, TOO_LARGE);
      return;
    }
    String content = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    List<YamlNode> documents = YamlDocuments.of(content, faults);
    if (documents.isEmpty() && faults.faults().isEmpty()) {
      faults.warning(0, "holds no resource");
    }
    resources.read(documents, faults);
  }
}
