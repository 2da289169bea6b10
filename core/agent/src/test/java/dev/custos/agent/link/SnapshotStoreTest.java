package dev.custos.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.custos.snapshot.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotStoreTest {
  private static final NodeSnapshot SNAPSHOT = Snapshots.of("v1", "/data/\u00e4");

  @TempDir Path temp;
  private Path directory;
  private Path file;

  @BeforeEach
  void locate() {
    directory = temp.resolve("state/deep");
    file = directory.resolve(SnapshotStore.FILE);
  }

  @Test
  void nothingWasEverStored() throws Exception {
    assertThat(new SnapshotStore(directory).load()).isEmpty();
  }

  @Test
  void whatWasSavedIsThereAfterARestart() throws Exception {
    new SnapshotStore(directory).save(Snapshots.of("v0", "/old"));
    new SnapshotStore(directory).save(SNAPSHOT);
    assertThat(new SnapshotStore(directory).load()).contains(SNAPSHOT);
  }

  @Test
  void onlyItsOwnerMayReadIt() throws Exception {
    new SnapshotStore(directory).save(SNAPSHOT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void whatACrashLeftBehindIsReplaced() throws Exception {
    Files.createDirectories(directory);
    Path left = Files.writeString(directory.resolve(SnapshotStore.FILE + ".new"), "half");
    Files.setPosixFilePermissions(left, PosixFilePermissions.fromString("rw-rw-rw-"));
    new SnapshotStore(directory).save(SNAPSHOT);
    assertThat(new SnapshotStore(directory).load()).contains(SNAPSHOT);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 50, 60, -1})
  void oneChangedByteIsNoticed(int at) throws Exception {
    byte[] content = stored();
    content[at < 0 ? content.length + at : at] ^= 1;
    refuses(content, "is damaged: its checksum differs");
  }

  @Test
  void aTruncatedFileIsNoticed() throws Exception {
    byte[] content = stored();
    refuses(Arrays.copyOf(content, content.length - 1), "is damaged: ");
    refuses(Arrays.copyOf(content, 10), "is no snapshot of an agent");
    refuses(new byte[0], "is no snapshot of an agent");
  }

  @Test
  void anotherProgramsFileIsNoticed() throws Exception {
    refuses("#!/bin/sh\n".repeat(20).getBytes(java.nio.charset.StandardCharsets.UTF_8), "is no");
  }

  @Test
  void aLaterVersionsFileIsNoticed() throws Exception {
    byte[] content = stored();
    content[11] = 2;
    refuses(content, "is of format 2, and this version knows 1");
  }

  @Test
  void aFileThatOthersMayWriteIsNotTrusted() throws Exception {
    stored();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    assertThatThrownBy(() -> new SnapshotStore(directory).load())
        .isInstanceOf(UnusableSnapshotException.class)
        .hasMessage(file + " can be written by others (rw-rw----)");
  }

  @Test
  void aSymbolicLinkIsNotFollowed() throws Exception {
    stored();
    Path other = temp.resolve("other");
    Files.move(file, other);
    Files.createSymbolicLink(file, other);
    assertThatThrownBy(() -> new SnapshotStore(directory).load())
        .hasMessage(file + " is not a regular file");
  }

  @Test
  void whatCannotBeSavedLeavesWhatWasThere() throws Exception {
    stored();
    Files.createDirectories(directory.resolve(SnapshotStore.FILE + ".new/occupied"));
    assertThatThrownBy(() -> new SnapshotStore(directory).save(Snapshots.of("v2", "/x")))
        .isInstanceOf(IOException.class);
    assertThat(new SnapshotStore(directory).load()).contains(SNAPSHOT);
  }

  private byte[] stored() throws IOException {
    new SnapshotStore(directory).save(SNAPSHOT);
    return Files.readAllBytes(file);
  }

  private void refuses(byte[] content, String reason) throws IOException {
    Files.createDirectories(directory);
    Files.write(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> new SnapshotStore(directory).load())
        .isInstanceOf(UnusableSnapshotException.class)
        .hasMessageStartingWith(file + " ")
        .hasMessageContaining(reason);
  }
}
