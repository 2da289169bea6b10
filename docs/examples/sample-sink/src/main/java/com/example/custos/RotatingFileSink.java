package com.example.custos;

import dev.custos.spi.event.Printable;
import dev.custos.spi.sink.RenderedEvent;
import dev.custos.spi.sink.Sink;
import dev.custos.spi.sink.SinkException;
import dev.custos.spi.sink.WriteResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Appends lines to a file. Before one that would make it larger than {@code maxSize}, the file
 * becomes {@code NAME.1}, that one {@code NAME.2}, and so on; the oldest is let go of.
 *
 * <p>The agent calls {@code write} on one thread at a time, so nothing here is locked. It queues,
 * batches, tries again and counts what is lost, so nothing of that is here either.
 */
final class RotatingFileSink implements Sink {
  private final Path path;
  private final long maxSize;
  private final int keep;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  // Opened at the first write, and again after an error. RandomAccessFile rather than FileChannel:
  // the agent interrupts a write that takes too long, and a channel would be closed by that.
  private RandomAccessFile file;

  RotatingFileSink(Path path, long maxSize, int keep) {
    this.path = path;
    this.maxSize = maxSize;
    this.keep = keep;
  }

  @Override
  public WriteResult write(List<RenderedEvent> batch) throws SinkException {
    int done = 0;
    try {
      while (done < batch.size()) {
        if (file == null) {
          file = open();
        }
        int count = gather(batch, done);
        if (count == 0) {
          rotate();
        } else {
          append();
          done += count;
        }
      }
      return WriteResult.accepted(done);
    } catch (IOException e) {
      letGo();
      if (done > 0) {
        // What is in the file must not be offered again. The fault will show with the rest.
        return WriteResult.accepted(done);
      }
      // A full disk, a directory that is not there yet: the agent tries again.
      throw SinkException.temporary(
          "cannot write " + Printable.escape(path.toString()) + ": " + e.getMessage(), e);
    }
  }

  /** Takes as many lines as the file has room for; an empty file has room for any one line. */
  private int gather(List<RenderedEvent> batch, int from) throws IOException {
    lines.reset();
    long size = file.length();
    int count = 0;
    for (RenderedEvent event : batch.subList(from, batch.size())) {
      byte[] line = event.line();
      long after = size + lines.size() + line.length + 1;
      if (after > maxSize && size + lines.size() > 0) {
        break;
      }
      lines.writeBytes(line);
      lines.write('\n');
      count++;
    }
    return count;
  }

  /** All or nothing: half a batch would be offered again as a whole. */
  private void append() throws IOException {
    long before = file.length();
    try {
      file.seek(before);
      file.write(lines.toByteArray());
    } catch (IOException e) {
      file.setLength(before);
      throw e;
    }
  }

  private RandomAccessFile open() throws IOException {
    RandomAccessFile opened = new RandomAccessFile(path.toFile(), "rw");
    long length = opened.length();
    if (length > 0) {
      opened.seek(length - 1);
      if (opened.read() != '\n') {
        // The machine went down in the middle of a line.
        opened.write('\n');
      }
    }
    return opened;
  }

  private void rotate() throws IOException {
    file.close();
    file = null;
    for (int i = keep; i > 1; i--) {
      if (Files.exists(numbered(i - 1))) {
        Files.move(numbered(i - 1), numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(path, numbered(1), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path numbered(int i) {
    return path.resolveSibling(path.getFileName() + "." + i);
  }

  private void letGo() {
    RandomAccessFile old = file;
    file = null;
    if (old != null) {
      try {
        old.close();
      } catch (IOException e) {
        // The descriptor is gone in any case, close(2), and what was written stays written.
        return;
      }
    }
  }

  @Override
  public void close() {
    letGo();
  }
}
