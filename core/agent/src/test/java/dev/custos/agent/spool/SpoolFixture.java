package dev.custos.agent.spool;

import dev.custos.spi.event.ChangeKind;
import dev.custos.spi.event.FileChanged;
import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.IntegrityEvent;
import dev.custos.spi.event.Origin;
import dev.custos.spi.event.Subject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** One spool directory, and agents that come and go. */
final class SpoolFixture {
  static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  static final Subject SUBJECT = new Subject("ArgusWatcher", "", "web", 0, Map.of("env", "prod"));
  static final Origin ORIGIN = Origin.ofNode("node-1");

  /** What was read: an event by its number, or a loss. */
  record Read(String runId, long sequence, String line, IntegrityEvent event, SpoolLoss loss) {
    boolean isLoss() {
      return loss != null;
    }
  }

  private final Path directory;
  private Clock clock = Clock.systemUTC();
  private SpoolDisk disk = SpoolDisk.REAL;
  private long maxBytes = 64 << 20;
  private Duration maxAge = Duration.ofDays(100_000);

  SpoolFixture(Path directory) {
    this.directory = directory;
  }

  SpoolFixture withMaxBytes(long bytes) {
    maxBytes = bytes;
    return this;
  }

  SpoolFixture withMaxAge(Duration age, Clock byThis) {
    maxAge = age;
    clock = byThis;
    return this;
  }

  SpoolFixture withDisk(SpoolDisk other) {
    disk = other;
    return this;
  }

  Path directory() {
    return directory;
  }

  SpoolLog open(String runId) throws IOException, SpoolRefusedException {
    SpoolLog.Settings settings = new SpoolLog.Settings(directory, true, maxBytes, maxAge);
    return SpoolLog.open(settings, disk, runId, clock);
  }

  static String newRun() {
    return UUID.randomUUID().toString();
  }

  static FileChanged change(long number) {
    return FileChanged.builder(SUBJECT, ORIGIN)
        .time(START.plusMillis(number))
        .kind(ChangeKind.MODIFY)
        .path(FilePath.of("/data"))
        .file(FilePath.of("f" + number))
        .build();
  }

  static String line(long number) {
    return "MODIFY f" + number;
  }

  /** Appends events {@code from} to {@code to}, the last one included, and syncs. */
  static void append(SpoolLog log, long from, long to) throws IOException {
    RecordChunk chunk = new RecordChunk();
    for (long i = from; i <= to; i++) {
      chunk.add(change(i), i, false, line(i).getBytes(StandardCharsets.UTF_8));
      if (chunk.isFull()) {
        log.append(chunk);
        chunk.clear();
      }
    }
    if (!chunk.isEmpty()) {
      log.append(chunk);
    }
    log.sync();
  }

  /** Reads a batch and leaves it unacknowledged. */
  static List<Read> peek(SpoolLog log, int max) throws IOException {
    Collector collector = new Collector();
    log.reader().read(collector, max);
    return collector.reads;
  }

  /** Reads everything that is there and acknowledges it. */
  static List<Read> readAll(SpoolLog log) throws IOException {
    return readAll(log, 1000);
  }

  static List<Read> readAll(SpoolLog log, int batch) throws IOException {
    List<Read> all = new ArrayList<>();
    Collector collector = new Collector();
    while (log.reader().read(collector, batch) > 0) {
      all.addAll(collector.reads);
      acknowledge(log, collector, collector.reads.size());
      collector = new Collector();
    }
    return all;
  }

  /** Reads a batch and acknowledges the first {@code count} events of it. */
  static List<Read> readSome(SpoolLog log, int batch, int count) throws IOException {
    Collector collector = new Collector();
    log.reader().read(collector, batch);
    acknowledge(log, collector, count);
    return collector.reads.subList(0, count);
  }

  private static void acknowledge(SpoolLog log, Collector collector, int count) throws IOException {
    long events = 0;
    for (SpoolReader.Mark mark : collector.marks.subList(0, count)) {
      events += mark.stands();
    }
    log.reader()
        .acknowledge(collector.marks.get(count - 1), events, count == collector.marks.size());
  }

  /** Files of the spool whose names end so, in order. */
  List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.toString().endsWith(suffix)).sorted().toList();
    }
  }

  static List<Long> sequences(List<Read> reads) {
    return reads.stream().filter(r -> !r.isLoss()).map(Read::sequence).toList();
  }

  static List<SpoolLoss> losses(List<Read> reads) {
    return reads.stream().filter(Read::isLoss).map(Read::loss).toList();
  }

  private static final class Collector implements SpoolReader.Target {
    private final List<Read> reads = new ArrayList<>();
    private final List<SpoolReader.Mark> marks = new ArrayList<>();
    private byte[] bytes = new byte[0];

    @Override
    public byte[] buffer(int size) {
      if (bytes.length < size) {
        bytes = new byte[size];
      }
      return bytes;
    }

    @Override
    public void event(
        int index,
        SpoolReader.Mark mark,
        IntegrityEvent event,
        String runId,
        boolean gap,
        int lineStart,
        int lineLength) {
      marks.add(mark);
      String line = new String(bytes, lineStart, lineLength, StandardCharsets.UTF_8);
      reads.add(new Read(runId, mark.sequence(), line, event, null));
    }

    @Override
    public void loss(int index, SpoolReader.Mark mark, SpoolLoss loss) {
      marks.add(mark);
      reads.add(new Read(loss.runId(), mark.sequence(), "", null, loss));
    }
  }
}
