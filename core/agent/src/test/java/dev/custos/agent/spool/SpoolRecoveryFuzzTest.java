package dev.custos.agent.spool;

import static dev.custos.agent.spool.SpoolFixture.append;
import static dev.custos.agent.spool.SpoolFixture.newRun;
import static dev.custos.agent.spool.SpoolFixture.readAll;
import static dev.custos.agent.spool.SpoolFixture.sequences;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.custos.agent.spool.SpoolFixture.Read;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Opens spools whose files Jazzer makes up, as they are or with the checksums that they need to be
 * looked into: whatever they hold, the spool opens, gives out what there is, takes new events after
 * it, and has nothing left once all is read. With {@code JAZZER_FUZZ=1} it looks for new ones;
 * without, it tries those that are kept beside it.
 */
class SpoolRecoveryFuzzTest {
  private static final int NUMBER = 16;
  private static final int CURSOR_CHECKED = 68;

  @FuzzTest(maxDuration = "60s")
  void anyFilesAreServedOrToldAndLeaveASoundSpool(byte[] data) throws Exception {
    if (data.length == 0) {
      return;
    }
    Path memory = Path.of("/dev/shm");
    Path base =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "custos-fuzz")
            : Files.createTempDirectory("custos-fuzz");
    try {
      SpoolFixture spool = new SpoolFixture(base.resolve("siem"));
      spool.open(newRun()).close();
      fill(spool.directory(), data[0], Arrays.copyOfRange(data, 1, data.length));
      check(spool);
    } finally {
      remove(base);
    }
  }

  private static void fill(Path directory, int choice, byte[] content) throws IOException {
    Path segment = SegmentFiles.segment(directory, NUMBER);
    switch (choice & 7) {
      case 0 -> Files.write(segment, content);
      case 1 -> Files.write(segment, withHeader(directory, content));
      case 2 -> Files.write(SegmentFiles.gap(directory, NUMBER), content);
      case 3 -> Files.write(SegmentFiles.gap(directory, NUMBER), checked(content, content.length));
      case 4 -> Files.write(directory.resolve("cursor"), content);
      case 5 -> {
        Files.write(segment, withHeader(directory, records(content)));
        byte[] slot = checked(Arrays.copyOf(content, CURSOR_CHECKED), CURSOR_CHECKED);
        Files.write(directory.resolve("cursor"), Arrays.copyOf(slot, 128));
      }
      default -> Files.write(segment, withHeader(directory, records(content)));
    }
  }

  /** The header that the spool itself writes, and then this. */
  private static byte[] withHeader(Path directory, byte[] records) throws IOException {
    Path file = directory.resolve("header");
    SegmentFiles.create(SpoolDisk.REAL, file, NUMBER, newRun(), 0).close();
    byte[] header = Files.readAllBytes(file);
    Files.delete(file);
    RecordBuffer out = new RecordBuffer(header.length + records.length);
    out.putRaw(header, 0, header.length);
    out.putRaw(records, 0, records.length);
    return out.toByteArray();
  }

  /** Pieces of it, each as the body of a record, with the length and the checksum it needs. */
  private static byte[] records(byte[] content) {
    RecordBuffer out = new RecordBuffer(content.length + 64);
    int at = 0;
    while (at < content.length) {
      int length = Math.min(content.length - at - 1, RecordFrame.MIN_BODY + (content[at] & 0xff));
      byte[] body = Arrays.copyOfRange(content, at + 1, at + 1 + length);
      out.putInt(length);
      out.putInt(checksum(body, length));
      out.putRaw(body, 0, length);
      at += 1 + length;
    }
    return out.toByteArray();
  }

  private static byte[] checked(byte[] content, int length) {
    RecordBuffer out = new RecordBuffer(length + 4);
    out.putRaw(content, 0, length);
    out.putInt(checksum(content, length));
    return out.toByteArray();
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }

  private static void check(SpoolFixture spool) throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      log.oldest();
      if (log.waiting() < 0 || log.bytes() < 0) {
        throw new AssertionError(log.waiting() + " events wait in " + log.bytes() + " bytes");
      }
      append(log, 100, 101);
      List<Read> reads = readAll(log);
      List<Long> tail = sequences(reads.subList(reads.size() - 2, reads.size()));
      if (!tail.equals(List.of(100L, 101L))) {
        throw new AssertionError("new events don't come last: " + tail);
      }
    }
    try (SpoolLog log = spool.open(newRun())) {
      if (!readAll(log).isEmpty()) {
        throw new AssertionError("what was read comes again after a clean stop");
      }
    }
  }

  private static void remove(Path base) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(base)) {
      files.forEach(all::add);
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      Files.delete(all.get(i));
    }
  }
}
