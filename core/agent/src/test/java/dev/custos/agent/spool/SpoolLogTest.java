package dev.custos.agent.spool;

import static dev.custos.agent.spool.SpoolFixture.append;
import static dev.custos.agent.spool.SpoolFixture.line;
import static dev.custos.agent.spool.SpoolFixture.losses;
import static dev.custos.agent.spool.SpoolFixture.newRun;
import static dev.custos.agent.spool.SpoolFixture.peek;
import static dev.custos.agent.spool.SpoolFixture.readAll;
import static dev.custos.agent.spool.SpoolFixture.readSome;
import static dev.custos.agent.spool.SpoolFixture.sequences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.custos.agent.spool.SpoolFixture.Read;
import dev.custos.spi.event.FileChanged;
import dev.custos.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolLogTest {
  @TempDir Path temp;
  private SpoolFixture spool;

  @BeforeEach
  void name() {
    spool = new SpoolFixture(temp.resolve("siem"));
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  void whatIsAppendedIsReadInOrderWithItsLineAndEvent() throws Exception {
    String run = newRun();
    try (SpoolLog log = spool.open(run)) {
      append(log, 1, 3000);
      List<Read> reads = readAll(log);
      assertThat(sequences(reads)).isEqualTo(range(1, 3000));
      assertThat(reads)
          .allSatisfy(
              read -> {
                assertThat(read.runId()).isEqualTo(run);
                assertThat(read.line()).isEqualTo(line(read.sequence()));
                FileChanged event = (FileChanged) read.event();
                assertThat(event.file().text()).isEqualTo("f" + read.sequence());
                assertThat(event.subject()).isEqualTo(SpoolFixture.SUBJECT);
                assertThat(event.origin()).isEqualTo(SpoolFixture.ORIGIN);
                assertThat(event.time()).isEqualTo(SpoolFixture.START.plusMillis(read.sequence()));
              });
    }
  }

  @Test
  void nothingIsReadBeforeItIsSynced() throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      RecordChunk chunk = new RecordChunk();
      chunk.add(SpoolFixture.change(1), 1, false, new byte[0]);
      log.append(chunk);
      assertThat(log.reader().isReady()).isFalse();
      assertThat(readAll(log)).isEmpty();
      log.sync();
      assertThat(sequences(readAll(log))).containsExactly(1L);
    }
  }

  @Test
  void whatWasNotAcknowledgedBeforeACleanStopComesAgainAndNothingElse() throws Exception {
    String run = newRun();
    try (SpoolLog log = spool.open(run)) {
      append(log, 1, 100);
      readSome(log, 50, 50);
      readSome(log, 30, 7);
    }
    try (SpoolLog log = spool.open(newRun())) {
      List<Read> reads = readAll(log);
      assertThat(losses(reads)).isEmpty();
      assertThat(sequences(reads)).isEqualTo(range(58, 100));
      assertThat(reads).extracting(Read::runId).containsOnly(run);
    }
    try (SpoolLog log = spool.open(newRun())) {
      assertThat(readAll(log)).isEmpty();
    }
  }

  @Test
  void afterAnUncleanStopTheNextRunSaysSoOnceInItsPlace() throws Exception {
    String killed = newRun();
    SpoolLog log = spool.open(killed);
    append(log, 1, 10);
    readSome(log, 4, 4);
    log.abandon();
    String next = newRun();
    try (SpoolLog again = spool.open(next)) {
      append(again, 1, 2);
      List<Read> reads = readAll(again);
      assertThat(reads)
          .extracting(Read::sequence)
          .containsExactly(5L, 6L, 7L, 8L, 9L, 10L, 11L, 1L, 2L);
      SpoolLoss loss = losses(reads).get(0);
      assertThat(reads.get(6).loss()).isSameAs(loss);
      assertThat(loss.cause()).isEqualTo(SpoolLoss.Cause.KILLED);
      assertThat(loss.runId()).isEqualTo(killed);
      assertThat(loss.count()).isEmpty();
      assertThat(loss.from()).isEqualTo(SpoolFixture.START.plusMillis(10));
      assertThat(loss.to()).isAfter(loss.from());
    }
    try (SpoolLog third = spool.open(newRun())) {
      assertThat(readAll(third)).isEmpty();
    }
  }

  @Test
  void anUncleanStopWithEverythingSentIsToldFromTheLastEventOn() throws Exception {
    String killed = newRun();
    SpoolLog log = spool.open(killed);
    append(log, 1, 10);
    readAll(log);
    log.abandon();
    try (SpoolLog again = spool.open(newRun())) {
      List<Read> reads = readAll(again);
      assertThat(reads).hasSize(1);
      assertThat(reads.get(0).loss().firstSequence()).isEqualTo(11);
      assertThat(reads.get(0).loss().from()).isEqualTo(SpoolFixture.START.plusMillis(10));
    }
  }

  @Test
  void aSegmentIsRemovedOnceItIsAcknowledged() throws Exception {
    spool.withMaxBytes(2 << 20);
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 5000);
      assertThat(spool.files(".seg")).hasSizeGreaterThan(2);
      readAll(log);
      append(log, 5001, 5001);
      assertThat(spool.files(".seg")).hasSize(1);
      readAll(log);
    }
    assertThat(spool.files(".seg")).isEmpty();
  }

  @Test
  void beyondItsSizeTheOldestIsDroppedAndToldWithItsCountAndTimes() throws Exception {
    spool.withMaxBytes(1 << 20);
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 20_000);
      assertThat(log.bytes()).isLessThanOrEqualTo(1 << 20);
      long onDisk = 0;
      for (Path file : spool.files("")) {
        onDisk += Files.size(file);
      }
      assertThat(onDisk).isLessThanOrEqualTo((1 << 20) + 20_000);
      List<Read> reads = readAll(log);
      SpoolLoss loss = reads.get(0).loss();
      assertThat(losses(reads)).containsExactly(loss);
      assertThat(loss.cause()).isEqualTo(SpoolLoss.Cause.FULL);
      assertThat(loss.firstSequence()).isEqualTo(1);
      long dropped = loss.count().orElseThrow();
      assertThat(loss.lastSequence()).isEqualTo(dropped);
      assertThat(loss.from()).isEqualTo(SpoolFixture.START.plusMillis(1));
      assertThat(loss.to()).isEqualTo(SpoolFixture.START.plusMillis(dropped));
      assertThat(sequences(reads)).isEqualTo(range(dropped + 1, 20_000));
    }
  }

  @Test
  void whatIsBeingSentIsNotDropped() throws Exception {
    spool.withMaxBytes(1 << 20);
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 2000);
      List<Read> sending = peek(log, 10);
      append(log, 2001, 20_000);
      assertThat(sequences(sending)).isEqualTo(range(1, 10));
      List<Read> reads = readAll(log);
      // The segment in which it lies stays, the gap comes after it.
      SpoolLoss loss = losses(reads).get(0);
      assertThat(losses(reads)).hasSize(1);
      List<Long> expected = new ArrayList<>(range(1, loss.firstSequence() - 1));
      expected.addAll(range(loss.lastSequence() + 1, 20_000));
      assertThat(sequences(reads)).isEqualTo(expected);
      assertThat(loss.count()).hasValue(loss.lastSequence() - loss.firstSequence() + 1);
    }
  }

  @Test
  void aDroppedStretchIsToldAfterARestartToo() throws Exception {
    spool.withMaxBytes(1 << 20);
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 20_000);
    }
    try (SpoolLog log = spool.open(newRun())) {
      List<Read> reads = readAll(log);
      long dropped = reads.get(0).loss().count().orElseThrow();
      assertThat(sequences(reads)).isEqualTo(range(dropped + 1, 20_000));
      assertThat(spool.files(".gap")).isEmpty();
    }
  }

  @Test
  void whatIsTooOldIsDroppedAndTold() throws Exception {
    ManualClock clock = ManualClock.at(SpoolFixture.START);
    spool.withMaxAge(Duration.ofHours(1), clock);
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 10);
      log.expire();
      assertThat(sequences(peek(log, 1))).containsExactly(1L);
      readSome(log, 3, 3);
      clock.advance(Duration.ofHours(2));
      log.expire();
      List<Read> reads = readAll(log);
      assertThat(reads).hasSize(1);
      SpoolLoss loss = reads.get(0).loss();
      assertThat(loss.cause()).isEqualTo(SpoolLoss.Cause.OLD);
      assertThat(loss.count()).hasValue(7);
      assertThat(loss.firstSequence()).isEqualTo(4);
    }
  }

  @Test
  void aDamagedMiddleIsToldAndTheRestServed() throws Exception {
    spool.withMaxBytes(2 << 20);
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 5000);
    }
    Path second = spool.files(".seg").get(1);
    try (FileChannel file = FileChannel.open(second, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 50_000);
    }
    try (SpoolLog log = spool.open(newRun())) {
      List<Read> reads = readAll(log);
      assertThat(losses(reads)).hasSize(1);
      assertThat(losses(reads).get(0).cause()).isEqualTo(SpoolLoss.Cause.DAMAGED);
      List<Long> sequences = sequences(reads);
      assertThat(sequences).isSorted().doesNotHaveDuplicates().startsWith(1L).endsWith(5000L);
      assertThat(sequences.size()).isBetween(3000, 4999);
    }
  }

  @Test
  void whatIsDamagedWhileItWaitsIsToldWithItsCount() throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      append(log, 1, 100);
      readSome(log, 40, 40);
      try (FileChannel file =
          FileChannel.open(spool.files(".seg").get(0), StandardOpenOption.WRITE)) {
        file.truncate(100);
      }
      List<Read> reads = readAll(log);
      assertThat(reads).hasSize(1);
      assertThat(reads.get(0).loss().cause()).isEqualTo(SpoolLoss.Cause.DAMAGED);
      assertThat(reads.get(0).loss().count()).hasValue(60);
      append(log, 101, 103);
      assertThat(sequences(readAll(log))).containsExactly(101L, 102L, 103L);
    }
  }

  @Test
  void aRecordOfAnUnknownVersionIsToldAndTheOthersServed() throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      RecordChunk chunk = new RecordChunk();
      chunk.add(SpoolFixture.change(1), 1, false, new byte[0]);
      int at = chunk.length();
      chunk.add(SpoolFixture.change(2), 2, false, new byte[0]);
      // Header, sequence, time, count, flags, no line: then the version.
      chunk.array()[at + 8 + 8 + 12 + 1 + 1 + 1] = 99;
      java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
      crc.update(chunk.array(), at + 8, chunk.length() - at - 8);
      ByteBuffer.wrap(chunk.array()).putInt(at + 4, (int) crc.getValue());
      chunk.add(SpoolFixture.change(3), 3, false, new byte[0]);
      log.append(chunk);
      log.sync();
      List<Read> reads = readAll(log);
      assertThat(reads).extracting(Read::sequence).containsExactly(1L, 2L, 3L);
      assertThat(reads.get(1).loss().cause()).isEqualTo(SpoolLoss.Cause.UNREADABLE);
      assertThat(reads.get(1).loss().count()).hasValue(1);
    }
  }

  @Test
  void twoAgentsNeverShareADirectory() throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      assertThatExceptionOfType(SpoolRefusedException.class)
          .isThrownBy(() -> spool.open(newRun()))
          .withMessageContaining(spool.directory().toString())
          .withMessageContaining("is in use");
      append(log, 1, 1);
    }
    spool.open(newRun()).close();
  }

  @Test
  void theDirectoryIsItsOwnersAlone() throws Exception {
    spool.open(newRun()).close();
    assertThat(Files.getPosixFilePermissions(spool.directory()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    for (Path file : spool.files("")) {
      assertThat(Files.getPosixFilePermissions(file))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void aDirectoryThatOthersCanWriteIsRefused() throws Exception {
    Files.createDirectory(spool.directory());
    Files.setPosixFilePermissions(spool.directory(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatExceptionOfType(SpoolRefusedException.class)
        .isThrownBy(() -> spool.open(newRun()))
        .withMessageContaining("0777")
        .withMessageContaining("chmod 700");
  }

  @Test
  void aDirectoryBelowOneThatOthersCanWriteIsRefused() throws Exception {
    Path open = Files.createDirectory(temp.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    SpoolFixture below = new SpoolFixture(open.resolve("siem"));
    assertThatExceptionOfType(SpoolRefusedException.class)
        .isThrownBy(() -> below.open(newRun()))
        .withMessageContaining(open.toString());
  }

  @Test
  void aSymbolicLinkIsRefused() throws Exception {
    Path real = Files.createDirectory(temp.resolve("real"));
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(spool.directory(), real);
    assertThatExceptionOfType(SpoolRefusedException.class)
        .isThrownBy(() -> spool.open(newRun()))
        .withMessageContaining("symbolic link");
  }

  @Test
  void aFileInItsPlaceIsRefused() throws Exception {
    Files.createFile(spool.directory());
    assertThatExceptionOfType(SpoolRefusedException.class)
        .isThrownBy(() -> spool.open(newRun()))
        .withMessageContaining("not a directory");
  }

  @Test
  void aForeignDirectoryIsRefused() throws Exception {
    Files.createDirectory(spool.directory());
    Files.setPosixFilePermissions(spool.directory(), PosixFilePermissions.fromString("rwx------"));
    int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    if (self != 0) {
      assertThat(System.getenv("CI"))
          .as("only root can give a directory away")
          .isNotEqualTo("true");
      org.junit.jupiter.api.Assumptions.abort("only root can give a directory away");
    }
    Files.setAttribute(spool.directory(), "unix:uid", 12345);
    assertThatExceptionOfType(SpoolRefusedException.class)
        .isThrownBy(() -> spool.open(newRun()))
        .withMessageContaining("12345");
  }
}
