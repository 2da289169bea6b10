package dev.custos.agent.link;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * Loads stored snapshots that Jazzer makes up, as they are or with the header they need to be
 * looked into: each is a snapshot that can be stored again or is refused, without another
 * exception. With {@code JAZZER_FUZZ=1} it looks for new ones; without, it tries those that are
 * kept beside it.
 */
class SnapshotStoreFuzzTest {
  @FuzzTest(maxDuration = "60s")
  void anyFileIsASnapshotOrRefused(byte[] data) throws Exception {
    if (data.length == 0) {
      return;
    }
    Path memory = Path.of("/dev/shm");
    Path base =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "custos-fuzz")
            : Files.createTempDirectory("custos-fuzz");
    Path file = base.resolve(SnapshotStore.FILE);
    try {
      byte[] content = Arrays.copyOfRange(data, 1, data.length);
      Files.write(file, (data[0] & 1) == 0 ? content : withHeader(content));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      check(new SnapshotStore(base));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(base);
    }
  }

  private static byte[] withHeader(byte[] message) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
    return ByteBuffer.allocate(8 + 4 + 4 + digest.length + message.length)
        .put("CUSTOSNS".getBytes(StandardCharsets.US_ASCII))
        .putInt(SnapshotStore.SCHEMA)
        .putInt(message.length)
        .put(digest)
        .put(message)
        .array();
  }

  private static void check(SnapshotStore store) throws IOException {
    Optional<NodeSnapshot> loaded;
    try {
      loaded = store.load();
    } catch (UnusableSnapshotException e) {
      return;
    }
    try {
      store.save(loaded.orElseThrow());
      if (!store.load().equals(loaded)) {
        throw new AssertionError("comes back as another: " + loaded);
      }
    } catch (UnusableSnapshotException e) {
      throw new AssertionError("can't be loaded again", e);
    }
  }
}
