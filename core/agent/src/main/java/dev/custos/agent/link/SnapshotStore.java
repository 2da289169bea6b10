package dev.custos.agent.link;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.custos.protocol.SnapshotCodec;
import dev.custos.protocol.SnapshotRefusedException;
import dev.custos.protocol.v1.Snapshot;
import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the last snapshot in a file, so that an agent knows what to watch and to guard before any
 * controller answers. Not thread-safe.
 *
 * <p>The file: {@code CUSTOSNS}, the format's version and the length of what follows the digest
 * (both 4 bytes, big-endian), its SHA-256, and the snapshot's message. It is replaced as a whole
 * (rename(2)) after it has reached the disk: after a crash either the old or the new one is there.
 */
public final class SnapshotStore {
  /** The format's version. */
  static final int SCHEMA = 1;

  /** The file's name in the state folder. */
  static final String FILE = "snapshot";

  private static final byte[] MAGIC = "CUSTOSNS".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST_BYTES = 32;
  private static final int HEADER_BYTES = MAGIC.length + 2 * Integer.BYTES + DIGEST_BYTES;

  private final Path directory;
  private final Path file;

  /** Touches nothing yet. */
  public SnapshotStore(Path directory) {
    this.directory = directory;
    this.file = directory.resolve(FILE);
  }

  /** Tells the next run up to when this one kept what is stored. */
  public LifeSign lifeSign() {
    return new LifeSign(directory);
  }

  /**
   * What was saved last; empty if nothing ever was.
   *
   * @throws UnusableSnapshotException if the file is damaged, not ours, of a later version, open to
   *     others' changes, or can't be read
   */
  public Optional<NodeSnapshot> load() throws UnusableSnapshotException {
    byte[] content;
    try {
      checkOwnership();
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        content = in.readNBytes(HEADER_BYTES + SnapshotCodec.MAX_SNAPSHOT_BYTES + 1);
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable("can't be read: " + e.getMessage(), e);
    }
    byte[] message = unwrap(content);
    try {
      return Optional.of(SnapshotCodec.decode(Snapshot.parseFrom(message)));
    } catch (InvalidProtocolBufferException | SnapshotRefusedException e) {
      throw unusable("holds no snapshot: " + e.getMessage(), e);
    }
  }

  /** Whoever can write it could have the agent deny opens all over the host. */
  private void checkOwnership() throws IOException, UnusableSnapshotException {
    PosixFileAttributes attributes =
        Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw unusable("is not a regular file", null);
    }
    Set<PosixFilePermission> permissions = attributes.permissions();
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw unusable(
          "can be written by others (" + PosixFilePermissions.toString(permissions) + ")", null);
    }
  }

  private byte[] unwrap(byte[] content) throws UnusableSnapshotException {
    if (content.length < HEADER_BYTES
        || !Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw unusable("is no snapshot of an agent", null);
    }
    ByteBuffer header = ByteBuffer.wrap(content, MAGIC.length, HEADER_BYTES - MAGIC.length);
    int schema = header.getInt();
    if (schema != SCHEMA) {
      throw unusable("is of format " + schema + ", and this version knows " + SCHEMA, null);
    }
    int length = header.getInt();
    byte[] digest = new byte[DIGEST_BYTES];
    header.get(digest);
    byte[] message = Arrays.copyOfRange(content, HEADER_BYTES, content.length);
    if (length != message.length) {
      throw unusable("is damaged: " + message.length + " bytes instead of " + length, null);
    }
    if (!MessageDigest.isEqual(digest, sha256(message))) {
      throw unusable("is damaged: its checksum differs", null);
    }
    return message;
  }

  /**
   * Replaces what is stored. The folder is made if it is not there.
   *
   * @throws IOException if it can't be stored; what was stored before stays
   */
  public void save(NodeSnapshot snapshot) throws IOException {
    byte[] message;
    try {
      message = SnapshotCodec.encode(snapshot).toByteArray();
    } catch (SnapshotRefusedException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    ByteBuffer content = ByteBuffer.allocate(HEADER_BYTES + message.length);
    content.put(MAGIC).putInt(SCHEMA).putInt(message.length).put(sha256(message)).put(message);
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path fresh = directory.resolve(FILE + ".new");
    // One that a crash left behind. Made anew, never opened: so its mode is surely ours.
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      content.flip();
      while (content.hasRemaining()) {
        out.write(content);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    // fsync(2): the file's own does not make its new name last.
    try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private UnusableSnapshotException unusable(String fault, Throwable cause) {
    return new UnusableSnapshotException(file + " " + fault, cause);
  }

  private static byte[] sha256(byte[] message) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
