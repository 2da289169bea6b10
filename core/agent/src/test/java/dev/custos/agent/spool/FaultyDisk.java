package dev.custos.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A real disk that stalls or fails when a test says so. */
public final class FaultyDisk implements SpoolDisk {
  private volatile CountDownLatch stall = new CountDownLatch(0);
  private volatile boolean failingSync;
  private volatile boolean broken;

  /** From now on no write returns. */
  public void stall() {
    stall = new CountDownLatch(1);
  }

  /** Lets those writes go on. */
  public void goOn() {
    stall.countDown();
  }

  /** From now on each fsync(2) fails, or works again. */
  public void failSync(boolean failing) {
    failingSync = failing;
  }

  /** From now on each write throws what nobody reckons with, or works again. */
  public void breakWrites(boolean nowBroken) {
    broken = nowBroken;
  }

  @Override
  public FileChannel create(Path file) throws IOException {
    return new Channel(SpoolDisk.REAL.create(file));
  }

  private void awaitDisk() {
    boolean done = false;
    while (!done) {
      try {
        stall.await();
        done = true;
      } catch (InterruptedException e) {
        // A disk is not interrupted.
      }
    }
  }

  private final class Channel extends FileChannel {
    private final FileChannel real;

    private Channel(FileChannel real) {
      this.real = real;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      awaitDisk();
      if (broken) {
        throw new IllegalStateException("broken");
      }
      return real.write(source, position);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      awaitDisk();
      if (failingSync) {
        throw new IOException("Input/output error");
      }
      real.force(metaData);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      real.truncate(size);
      return this;
    }

    @Override
    public long size() throws IOException {
      return real.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
      real.close();
    }

    // What the spool does not do with a file that it writes.

    @Override
    public int read(ByteBuffer target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel position(long newPosition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }
  }
}
