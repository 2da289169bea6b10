package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The segments whose files are open for writing, and what of them is on disk. */
final class OpenSegments {
  private final SpoolDirectory directory;
  private final SegmentTable table;
  private final ReentrantLock lock;
  // Guarded by the lock.
  private final List<Segment> open = new ArrayList<>();

  OpenSegments(SpoolDirectory directory, SegmentTable table) {
    this.directory = directory;
    this.table = table;
    this.lock = table.lock();
  }

  /** With the lock. */
  void add(Segment segment) {
    open.add(segment);
  }

  /** The appending thread's: closes what a sync does not, as it never comes or has failed. */
  void closeUnsynced(boolean all) throws IOException {
    List<Segment> done = new ArrayList<>();
    lock.lock();
    try {
      for (Segment segment : open) {
        if (all || segment.isSyncFailed()) {
          done.add(segment);
        }
      }
      open.removeAll(done);
    } finally {
      lock.unlock();
    }
    for (Segment segment : done) {
      segment.channel().close();
    }
  }

  boolean isDirty() {
    lock.lock();
    try {
      for (Segment segment : open) {
        if (isDirty(segment)) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isDirty(Segment segment) {
    return !segment.isGap() && !segment.isSyncFailed() && segment.synced() < segment.written();
  }

  boolean sync() throws IOException {
    List<Segment> dirty = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    boolean names;
    lock.lock();
    try {
      for (Segment segment : open) {
        if (isDirty(segment)) {
          dirty.add(segment);
          ends.add(segment.written());
        }
      }
      names = !dirty.isEmpty() && table.takeNamesChanged();
    } finally {
      lock.unlock();
    }
    try {
      for (Segment segment : dirty) {
        segment.channel().force(false);
      }
      if (names) {
        directory.sync();
      }
    } catch (IOException e) {
      refuse(dirty);
      throw e;
    }
    finish(dirty, ends);
    return !dirty.isEmpty();
  }

  /** After a failed fsync(2) a second one may succeed and mean nothing: it is never asked again. */
  private void refuse(List<Segment> dirty) {
    lock.lock();
    try {
      for (Segment segment : dirty) {
        segment.setSyncFailed();
        segment.seal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void finish(List<Segment> dirty, List<Long> ends) throws IOException {
    List<FileChannel> done = new ArrayList<>();
    lock.lock();
    try {
      for (int i = 0; i < dirty.size(); i++) {
        if (!dirty.get(i).isGap()) {
          dirty.get(i).setSynced(ends.get(i));
        }
      }
      for (Segment segment : List.copyOf(open)) {
        // What the appending thread has sealed it writes to no more.
        if (segment.isSealed() && !segment.isSyncFailed() && !isDirty(segment)) {
          open.remove(segment);
          done.add(segment.channel());
        }
      }
    } finally {
      lock.unlock();
    }
    for (FileChannel channel : done) {
      channel.close();
    }
  }

  void closeAll() throws IOException {
    for (Segment segment : open) {
      segment.channel().close();
    }
  }
}
