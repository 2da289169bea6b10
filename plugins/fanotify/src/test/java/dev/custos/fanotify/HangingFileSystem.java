package dev.custos.fanotify;

import dev.custos.linux.Errno;
import dev.custos.linux.FileDescriptor;
import dev.custos.linux.NativeException;
import dev.custos.linux.PathBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A real file system that stops answering when it is told to: fuse(4), served by a thread of the
 * test. It holds one file, {@code file}. It ends with this process at the latest, and whoever waits
 * for it gets an error then.
 */
final class HangingFileSystem implements AutoCloseable {
  private static final int O_RDWR = 2;
  private static final int MNT_DETACH = 2;
  private static final int IN_HEADER = 40;
  private static final int OUT_HEADER = 16;
  private static final int BUFFER = 0x21000;
  private static final long VALID = 1_000_000;
  private static final int FILE = 2;
  private static final byte[] CONTENT = "a line\n".getBytes(StandardCharsets.US_ASCII);

  private static final int LOOKUP = 1;
  private static final int FORGET = 2;
  private static final int GETATTR = 3;
  private static final int OPEN = 14;
  private static final int READ = 15;
  private static final int STATFS = 17;
  private static final int RELEASE = 18;
  private static final int INIT = 26;
  private static final int OPENDIR = 27;
  private static final int READDIR = 28;
  private static final int RELEASEDIR = 29;
  private static final int INTERRUPT = 36;
  private static final int DESTROY = 38;
  private static final int BATCH_FORGET = 42;

  private final Path mount;
  private final FileDescriptor device;
  private final List<Long> held = new ArrayList<>();
  private boolean hanging;

  /** Mounts it on a directory. */
  HangingFileSystem(Path mount) throws NativeException {
    this.mount = mount;
    int fd =
        FanotifyLibrary.CALLS.openat(
            Fanotify.AT_FDCWD, text("/dev/fuse"), O_RDWR | Fanotify.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new NativeException("open", "/dev/fuse", FanotifyLibrary.errno());
    }
    device = new FileDescriptor(fd);
    String options = "fd=" + fd + ",rootmode=40000,user_id=0,group_id=0,allow_other";
    if (FuseLibrary.CALLS.mount(
            text("custos-test"), text(mount.toString()), text("fuse"), 0, text(options))
        != 0) {
      int errno = FuseLibrary.errno();
      device.close();
      throw new NativeException("mount", mount.toString(), errno);
    }
    Thread thread = new Thread(this::serve, "hanging-file-system");
    thread.setDaemon(true);
    thread.start();
  }

  private static ByteBuffer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new PathBuffer().path(bytes, 0, bytes.length);
  }

  /** Whoever opens the file waits from now on. */
  synchronized void hang() {
    hanging = true;
  }

  /** How many opens wait. */
  synchronized int waiting() {
    return held.size();
  }

  /** Answers everybody, and from now on at once. */
  synchronized void answer() {
    hanging = false;
    held.forEach(unique -> reply(unique, opened()));
    held.clear();
  }

  private void serve() {
    ByteBuffer in = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());
    while (true) {
      long n = FanotifyLibrary.CALLS.read(device.number(), in, BUFFER);
      if (n < 0) {
        int errno = FanotifyLibrary.errno();
        if (errno == Errno.EINTR || errno == Errno.EAGAIN || errno == Errno.ENOENT) {
          continue;
        }
        // ENODEV: it is unmounted.
        return;
      }
      serve(in, in.getInt(4), in.getLong(8), in.getLong(16), (int) n);
    }
  }

  private void serve(ByteBuffer in, int operation, long unique, long node, int length) {
    switch (operation) {
      case INIT -> reply(unique, greeting());
      case LOOKUP -> lookUp(in, unique, length);
      case GETATTR -> reply(unique, put(new byte[16 + 88], 0, VALID, 16, node));
      case OPEN -> open(unique);
      case OPENDIR -> reply(unique, opened());
      case READDIR, RELEASE, RELEASEDIR -> reply(unique, new byte[0]);
      case READ -> reply(unique, in.getLong(IN_HEADER + 8) == 0 ? CONTENT : new byte[0]);
      case STATFS -> reply(unique, new byte[80]);
      case FORGET, BATCH_FORGET, INTERRUPT, DESTROY -> {
        // Nobody waits for a reply to these.
      }
      default -> refuse(unique, Errno.ENOSYS);
    }
  }

  private void lookUp(ByteBuffer in, long unique, int length) {
    byte[] name = new byte[length - IN_HEADER - 1];
    in.get(IN_HEADER, name);
    if (new String(name, StandardCharsets.UTF_8).equals("file")) {
      byte[] entry = put(new byte[40 + 88], 16, VALID, 40, FILE);
      ByteBuffer.wrap(entry).order(ByteOrder.nativeOrder()).putLong(0, FILE).putLong(24, VALID);
      reply(unique, entry);
    } else {
      refuse(unique, Errno.ENOENT);
    }
  }

  private synchronized void open(long unique) {
    if (hanging) {
      held.add(unique);
    } else {
      reply(unique, opened());
    }
  }

  private static byte[] greeting() {
    ByteBuffer out = ByteBuffer.wrap(new byte[64]).order(ByteOrder.nativeOrder());
    out.putInt(0, 7).putInt(4, 31).putInt(8, 0x10000).putShort(16, (short) 16);
    return out.putShort(18, (short) 12).putInt(20, 0x10000).putInt(24, 1).array();
  }

  private static byte[] opened() {
    return new byte[16];
  }

  /** Puts how long an answer is valid, and the attributes of a node: struct fuse_attr. */
  private static byte[] put(byte[] bytes, int validAt, long valid, int attributesAt, long node) {
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    out.putLong(validAt, valid);
    out.putLong(attributesAt, node).putLong(attributesAt + 8, node == FILE ? CONTENT.length : 0);
    out.putInt(attributesAt + 60, node == FILE ? 0100644 : 040755);
    out.putInt(attributesAt + 64, node == FILE ? 1 : 2).putInt(attributesAt + 80, 4096);
    return bytes;
  }

  private void reply(long unique, byte[] body) {
    write(unique, 0, body);
  }

  private void refuse(long unique, int errno) {
    write(unique, -errno, new byte[0]);
  }

  private void write(long unique, int error, byte[] body) {
    int length = OUT_HEADER + body.length;
    ByteBuffer out = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
    out.putInt(length).putInt(error).putLong(unique).put(body).clear();
    // ENOENT where whoever waited was killed meanwhile.
    FanotifyLibrary.CALLS.write(device.number(), out, length);
  }

  @Override
  public void close() {
    answer();
    FuseLibrary.CALLS.umount2(text(mount.toString()), MNT_DETACH);
    // The thread that reads from the device leaves with ENODEV, as soon as nobody uses the mount.
  }
}
