package dev.custos.agent.spool;

import static dev.custos.agent.spool.SpoolFixture.append;
import static dev.custos.agent.spool.SpoolFixture.losses;
import static dev.custos.agent.spool.SpoolFixture.newRun;
import static dev.custos.agent.spool.SpoolFixture.readAll;
import static dev.custos.agent.spool.SpoolFixture.sequences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.custos.agent.spool.SpoolFixture.Read;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk whose fsync(2) fails: afterwards it may have forgotten what it was given, silently. */
class SyncFailureTest {
  @TempDir Path temp;
  private final FaultyDisk disk = new FaultyDisk();
  private SpoolFixture spool;

  @BeforeEach
  void name() {
    spool = new SpoolFixture(temp.resolve("siem")).withDisk(disk);
  }

  private void appendWithFailingSync(SpoolLog log, long from, long to) {
    disk.failSync(true);
    assertThatIOException()
        .isThrownBy(() -> append(log, from, to))
        .withMessage("Input/output error");
    disk.failSync(false);
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  void whatItRefusedIsServedAndWhatComesLaterIsSafeAgain() throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      appendWithFailingSync(log, 1, 10);
      // A second fsync of the same file would succeed, and mean nothing.
      assertThat(log.isDirty()).isFalse();
      append(log, 11, 20);
      assertThat(spool.files(".seg")).hasSize(2);
      assertThat(sequences(readAll(log))).isEqualTo(range(1, 20));
    }
    try (SpoolLog log = spool.open(newRun())) {
      assertThat(readAll(log)).isEmpty();
    }
  }

  @Test
  void aStopThatLeavesWhatItRefusedIsNotTakenForAClean() throws Exception {
    SpoolLog log = spool.open(newRun());
    appendWithFailingSync(log, 1, 10);
    assertThatIOException().isThrownBy(log::close).withMessageContaining("may not last");
    try (SpoolLog again = spool.open(newRun())) {
      List<Read> reads = readAll(again);
      assertThat(sequences(reads)).isEqualTo(range(1, 10));
      assertThat(losses(reads)).hasSize(1);
      assertThat(losses(reads).get(0).cause()).isEqualTo(SpoolLoss.Cause.KILLED);
    }
  }

  @Test
  void wholeRecordsThatItForgotAreTold() throws Exception {
    SpoolLog log = spool.open(newRun());
    appendWithFailingSync(log, 1, 10);
    append(log, 11, 20);
    log.abandon();
    // What a crash of the machine leaves of a file whose end never reached the disk.
    cutAfterRecords(spool.files(".seg").get(0), 4);
    try (SpoolLog again = spool.open(newRun())) {
      List<Read> reads = readAll(again);
      assertThat(reads.stream().map(Read::sequence))
          .containsExactlyElementsOf(
              LongStream.concat(LongStream.rangeClosed(1, 5), LongStream.rangeClosed(11, 21))
                  .boxed()
                  .toList());
      assertThat(losses(reads))
          .extracting(SpoolLoss::cause)
          .containsExactly(SpoolLoss.Cause.DAMAGED, SpoolLoss.Cause.KILLED);
    }
  }

  /** Leaves the first of a segment's records. */
  private static void cutAfterRecords(Path segment, int records) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int end = SegmentFiles.HEADER;
    for (int i = 0; i < records; i++) {
      end += RecordFrame.lengthAt(bytes, end);
    }
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      file.truncate(end);
    }
  }
}
