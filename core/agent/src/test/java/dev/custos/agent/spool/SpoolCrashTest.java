package dev.custos.agent.spool;

import static dev.custos.agent.spool.SpoolFixture.append;
import static dev.custos.agent.spool.SpoolFixture.line;
import static dev.custos.agent.spool.SpoolFixture.losses;
import static dev.custos.agent.spool.SpoolFixture.newRun;
import static dev.custos.agent.spool.SpoolFixture.readAll;
import static dev.custos.agent.spool.SpoolFixture.readSome;
import static dev.custos.agent.spool.SpoolFixture.sequences;
import static org.assertj.core.api.Assertions.assertThat;

import dev.custos.agent.spool.SpoolFixture.Read;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The spool's files cut or changed at every byte, as a crash or a bad disk may leave them. */
class SpoolCrashTest {
  private static final int EVENTS = 8;

  private Path base;
  private SpoolFixture spool;
  private Map<Path, byte[]> files;
  private String run;
  // Where each record ends in the segment.
  private final List<Integer> ends = new ArrayList<>();

  /** In memory where that can be: thousands of starts with their fsyncs are slow on a disk. */
  @BeforeEach
  void makeAndKill() throws Exception {
    Path memory = Path.of("/dev/shm");
    base =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "custos-crash")
            : Files.createTempDirectory("custos-crash");
    spool = new SpoolFixture(base.resolve("siem"));
    run = newRun();
    SpoolLog log = spool.open(run);
    for (long i = 1; i <= EVENTS; i++) {
      append(log, i, i);
      ends.add((int) Files.size(spool.files(".seg").get(0)));
    }
    readSome(log, 2, 2);
    log.abandon();
    files = contents();
  }

  @AfterEach
  void remove() throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Map<Path, byte[]> contents() throws IOException {
    Map<Path, byte[]> contents = new TreeMap<>();
    for (Path file : spool.files("")) {
      contents.put(file, Files.readAllBytes(file));
    }
    return contents;
  }

  private void restore(Map<Path, byte[]> to) throws IOException {
    for (Path file : spool.files("")) {
      if (!to.containsKey(file)) {
        Files.delete(file);
      }
    }
    for (Map.Entry<Path, byte[]> file : to.entrySet()) {
      Files.write(file.getKey(), file.getValue());
    }
  }

  private Path only(String suffix) {
    return files.keySet().stream().filter(f -> f.toString().endsWith(suffix)).findFirst().get();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  private List<Read> reopened() throws Exception {
    try (SpoolLog log = spool.open(newRun())) {
      List<Read> reads = readAll(log);
      // The log is sound again: it takes what is new and gives it back.
      append(log, 100, 101);
      assertThat(sequences(readAll(log))).containsExactly(100L, 101L);
      return reads;
    }
  }

  private void assertIntact(List<Read> reads) {
    for (Read read : reads) {
      if (!read.isLoss()) {
        assertThat(read.line()).isEqualTo(line(read.sequence()));
        assertThat(read.runId()).isEqualTo(run);
      }
    }
  }

  private int wholeBefore(int offset) {
    return (int) ends.stream().filter(end -> end <= offset).count();
  }

  @Test
  void cutAnywhereItServesTheWholeRecordsAndTellsThatSomeMayBeMissing() throws Exception {
    Path segment = only(".seg");
    byte[] whole = files.get(segment);
    for (int length = 0; length < whole.length; length++) {
      restore(files);
      Files.write(segment, Arrays.copyOf(whole, length));
      List<Read> reads = reopened();
      int left = wholeBefore(length);
      assertThat(sequences(reads)).as("cut at %d", length).isEqualTo(range(3, left));
      assertIntact(reads);
      assertThat(losses(reads)).hasSize(1);
      SpoolLoss loss = losses(reads).get(0);
      assertThat(loss.cause()).isEqualTo(SpoolLoss.Cause.KILLED);
      // What was acknowledged before the cut is known from the cursor.
      assertThat(loss.firstSequence()).isEqualTo(Math.max(2, left) + 1);
      assertThat(reads.get(reads.size() - 1).loss()).isSameAs(loss);
    }
  }

  @Test
  void aByteChangedAnywhereIsNeverServedAndWhatItTookIsTold() throws Exception {
    Path segment = only(".seg");
    byte[] whole = files.get(segment);
    for (int at = 0; at < whole.length; at++) {
      restore(files);
      byte[] changed = whole.clone();
      changed[at] ^= 0x41;
      Files.write(segment, changed);
      List<Read> reads = reopened();
      int left = at < SegmentFiles.HEADER ? 0 : wholeBefore(at);
      assertThat(sequences(reads)).as("changed at %d", at).isEqualTo(range(3, left));
      assertIntact(reads);
      assertThat(losses(reads)).hasSize(1);
      assertThat(losses(reads).get(0).firstSequence()).isEqualTo(Math.max(2, left) + 1);
    }
  }

  @Test
  void aDamageAfterACleanStopIsToldToo() throws Exception {
    restore(files);
    String sound = newRun();
    try (SpoolLog log = spool.open(sound)) {
      readAll(log);
      append(log, 1, EVENTS);
    }
    Map<Path, byte[]> clean = contents();
    Path segment =
        clean.keySet().stream().filter(f -> f.toString().endsWith(".seg")).findFirst().get();
    byte[] whole = clean.get(segment);
    for (int at = 0; at < whole.length; at += 3) {
      restore(clean);
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      Files.write(segment, changed);
      List<Read> reads = reopened();
      List<Long> served = sequences(reads);
      assertThat(served).as("changed at %d", at).isEqualTo(range(1, served.size()));
      assertThat(served.size()).isLessThan(EVENTS);
      assertThat(losses(reads)).hasSize(1);
      assertThat(losses(reads).get(0).cause()).isEqualTo(SpoolLoss.Cause.DAMAGED);
    }
  }

  @Test
  void aCursorCutOrChangedAnywhereLosesNoEvent() throws Exception {
    Path cursor = only("cursor");
    byte[] whole = files.get(cursor);
    for (int at = 0; at < whole.length; at = next(at)) {
      restore(files);
      Files.write(cursor, Arrays.copyOf(whole, at));
      assertServedToTheEnd(at);
      restore(files);
      byte[] changed = whole.clone();
      changed[at] ^= 0x22;
      Files.write(cursor, changed);
      assertServedToTheEnd(at);
    }
  }

  /** Between its two slots the cursor holds nothing. */
  private static int next(int at) {
    return at % 4096 >= 128 ? (at / 4096 + 1) * 4096 : at + 1;
  }

  private void assertServedToTheEnd(int at) throws Exception {
    List<Read> reads = reopened();
    assertIntact(reads);
    List<Long> served = sequences(reads);
    assertThat(served).as("cursor at %d", at).endsWith((long) EVENTS).isSorted();
    // At worst what was acknowledged comes again; nothing that was not is skipped.
    assertThat(served.get(0)).isLessThanOrEqualTo(3);
    assertThat(served).isEqualTo(range(served.get(0), EVENTS));
  }

  @Test
  void aGapCutOrChangedAnywhereStillTellsOfALoss() throws Exception {
    restore(files);
    // The start writes the gap that tells of the kill; the second kill leaves it in place.
    spool.open(newRun()).abandon();
    Map<Path, byte[]> twice = contents();
    Path gap = twice.keySet().stream().filter(f -> f.toString().endsWith(".gap")).findFirst().get();
    byte[] whole = twice.get(gap);
    for (int at = 0; at < whole.length; at++) {
      restore(twice);
      Files.write(gap, Arrays.copyOf(whole, at));
      assertThat(losses(reopened())).as("cut at %d", at).hasSize(2);
      restore(twice);
      byte[] changed = whole.clone();
      changed[at] ^= 0x08;
      Files.write(gap, changed);
      assertThat(losses(reopened())).as("changed at %d", at).hasSize(2);
    }
  }
}
