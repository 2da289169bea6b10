package dev.custos.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.Out;
import jnr.ffi.annotations.Variadic;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Stops another process between two of its instructions, and looks at what it has not read. */
final class HeldProcess {
  private static final int SIGKILL = 9;
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;
  private static final long PIDFD_OPEN = 434;
  private static final long PIDFD_GETFD = 438;
  private static final int EVENT_HEADER = 16;

  private final Calls libc = LibraryLoader.create(Calls.class).load("c");
  private final int pid;

  /** The calls of libc that this takes. */
  public interface Calls {
    int kill(int pid, int signal);

    /** pidfd_open(2) and pidfd_getfd(2). */
    @Variadic(fixedCount = 1)
    long syscall(long number, int first, int second, int third);

    @ssize_t
    long read(int fd, @Out ByteBuffer events, @size_t long length);

    int close(int fd);
  }

  HeldProcess(long pid) {
    this.pid = Math.toIntExact(pid);
  }

  /** Returns once none of its threads runs. */
  void stop() {
    signal(SIGSTOP);
    await("a stopped process")
        .atMost(Duration.ofSeconds(30))
        .pollInSameThread()
        .until(this::isHeld);
  }

  void goOn() {
    signal(SIGCONT);
  }

  void kill() {
    signal(SIGKILL);
  }

  private void signal(int signal) {
    assertThat(libc.kill(pid, signal)).as("kill(%d, %d)", pid, signal).isZero();
  }

  private boolean isHeld() throws IOException {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(proc("task"))) {
      for (Path thread : threads) {
        String stat = Files.readString(thread.resolve("stat"));
        // proc(5): the state follows the name, which is in parentheses and may hold any.
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
    }
    return true;
  }

  private Path proc(String name) {
    return Path.of("/proc", Integer.toString(pid), name);
  }

  /** Takes from it the inotify(7) events that the kernel holds for it; the names in them. */
  List<String> takeUnreadNames() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(proc("fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.readSymbolicLink(descriptor).toString().equals("anon_inode:inotify")) {
          read(Integer.parseInt(descriptor.getFileName().toString()), names);
        }
      }
    }
    return names;
  }

  private void read(int number, List<String> names) {
    int process = (int) libc.syscall(PIDFD_OPEN, pid, 0, 0);
    assertThat(process).as("pidfd_open").isNotNegative();
    int copy = (int) libc.syscall(PIDFD_GETFD, process, number, 0);
    assertThat(copy).as("pidfd_getfd").isNotNegative();
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024).order(ByteOrder.nativeOrder());
    // It does not wait: the agent opens it with IN_NONBLOCK.
    for (long n = read(copy, buffer); n > 0; n = read(copy, buffer)) {
      for (int at = 0; at < n; at += EVENT_HEADER + buffer.getInt(at + 12)) {
        byte[] name = new byte[buffer.getInt(at + 12)];
        buffer.get(at + EVENT_HEADER, name);
        names.add(new String(name, StandardCharsets.US_ASCII).trim());
      }
    }
    libc.close(copy);
    libc.close(process);
  }

  private long read(int fd, ByteBuffer buffer) {
    return libc.read(fd, buffer, buffer.capacity());
  }
}
