package dev.custos.sinks.tls;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a few files say, read again at each handshake. A whole file is compared, not its time: one
 * that was replaced twice within a tick of the clock is not missed, and a handshake is rare.
 *
 * <p>Files that can't be used any more, such as a certificate whose key has not been replaced yet,
 * leave what was read before in force; the log says so, once for each fault.
 */
final class Reloaded<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Reloaded.class);

  /** Makes a value of the files, in the order in which they were given. */
  interface Reader<T> {
    T read(List<PemFile> files) throws PemException;
  }

  private final String owner;
  private final List<Path> paths;
  private final Reader<T> reader;
  private byte[] digest;
  private T value;
  private String fault = "";

  /**
   * Reads the files for the first time.
   *
   * @param owner who is named in the log
   */
  Reloaded(String owner, List<Path> paths, Reader<T> reader) throws PemException {
    this.owner = owner;
    this.paths = List.copyOf(paths);
    this.reader = reader;
    reload();
  }

  synchronized T get() {
    try {
      reload();
      fault = "";
    } catch (PemException e) {
      if (!fault.equals(e.getMessage())) {
        fault = e.getMessage();
        LOG.warn("{}: {}; what was read before stays in force", owner, fault);
      }
    }
    return value;
  }

  private void reload() throws PemException {
    List<PemFile> files = new ArrayList<>();
    MessageDigest hash = sha256();
    for (Path path : paths) {
      PemFile file = PemFile.read(path);
      files.add(file);
      hash.update(file.content());
      hash.update((byte) 0);
    }
    byte[] now = hash.digest();
    if (!Arrays.equals(now, digest)) {
      value = reader.read(files);
      digest = now;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
