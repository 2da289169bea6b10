package dev.custos.fanotify;

import dev.custos.linux.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The kernel's audit records, heard as any reader of AUDIT_NLGRP_READLOG hears them: linux/audit.h.
 * Auditing is switched on as long as this is open, with one rule that applies to nobody, because
 * without any rule the kernel makes no records of what processes do.
 */
final class AuditLog implements AutoCloseable {
  /** AUDIT_FANOTIFY. */
  static final int FANOTIFY = 1331;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_AUDIT = 9;
  private static final int READLOG = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;

  private static final short AUDIT_GET = 1000;
  private static final short AUDIT_SET = 1001;
  private static final short AUDIT_ADD_RULE = 1011;
  private static final short AUDIT_DEL_RULE = 1012;
  private static final short NLMSG_ERROR = 2;
  private static final int REQUEST_AND_ACK = 1 | 4;
  private static final int EEXIST = 17;
  private static final int HEADER = 16;
  private static final int STATUS_ENABLED = 1;
  private static final int STATUS_LENGTH = 44;
  private static final int RULE_LENGTH = 1040;

  /** The calls of libc that this takes. */
  public interface Calls {
    int socket(int domain, int type, int protocol);

    int bind(int fd, @In ByteBuffer address, int length);

    int setsockopt(int fd, int level, int name, @In ByteBuffer value, int length);

    @ssize_t
    long send(int fd, @In ByteBuffer message, @size_t long length, int flags);

    @ssize_t
    long recv(int fd, @Out ByteBuffer message, @size_t long length, int flags);

    int close(int fd);
  }

  private static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(16 * 1024).order(ByteOrder.nativeOrder());
  private final int control;
  private final int records;
  private final int enabledBefore;

  private AuditLog() throws IOException {
    control = socket(0);
    records = socket(READLOG);
    enabledBefore = enabled();
    enable(1);
    rule(AUDIT_ADD_RULE);
  }

  /** Opens it, or says why it can't be had here. */
  static AuditLog open() throws IOException {
    return new AuditLog();
  }

  private int socket(int groups) throws IOException {
    int fd = check("socket", CALLS.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_AUDIT));
    ByteBuffer address = direct(12).putShort(0, (short) AF_NETLINK).putInt(8, groups);
    check("bind", CALLS.bind(fd, address, 12));
    ByteBuffer second = direct(16).putLong(0, 1);
    check("setsockopt", CALLS.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, second, 16));
    return fd;
  }

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  private static int check(String call, long result) throws IOException {
    if (result < 0) {
      int errno = Runtime.getRuntime(CALLS).getLastError();
      throw new IOException(call + " for audit: " + Errno.name(errno));
    }
    return (int) result;
  }

  private int enabled() throws IOException {
    send(AUDIT_GET, direct(0));
    while (true) {
      check("recv", CALLS.recv(control, buffer.clear(), buffer.capacity(), 0));
      if (buffer.getShort(4) == AUDIT_GET) {
        return buffer.getInt(HEADER + 4);
      }
    }
  }

  private void enable(int enabled) throws IOException {
    request(AUDIT_SET, direct(STATUS_LENGTH).putInt(0, STATUS_ENABLED).putInt(4, enabled));
  }

  /** For system calls on exit, always, if the process id is none that there is; no system call. */
  private void rule(short type) throws IOException {
    int exitFilter = 4;
    int always = 2;
    int equal = 0x40000000;
    ByteBuffer rule = direct(RULE_LENGTH).putInt(0, exitFilter).putInt(4, always).putInt(8, 1);
    int mask = 12;
    int fields = mask + 256;
    int values = fields + 256;
    int flags = values + 256;
    // The process id is field 0.
    rule.putInt(values, Integer.MAX_VALUE).putInt(flags, equal);
    request(type, rule);
  }

  private void send(short type, ByteBuffer body) throws IOException {
    int length = HEADER + body.capacity();
    ByteBuffer message = direct(length);
    message.putInt(0, length).putShort(4, type).putShort(6, (short) REQUEST_AND_ACK);
    message.put(HEADER, body, 0, body.capacity());
    check("send", CALLS.send(control, message, length, 0));
  }

  private void request(short type, ByteBuffer body) throws IOException {
    send(type, body);
    while (true) {
      check("recv", CALLS.recv(control, buffer.clear(), buffer.capacity(), 0));
      if (buffer.getShort(4) == NLMSG_ERROR && buffer.getShort(HEADER + 8) == type) {
        int errno = -buffer.getInt(HEADER);
        // A test that was killed may have left the rule.
        boolean asWanted = errno == 0 || errno == EEXIST || errno == Errno.ENOENT;
        if (!asWanted) {
          throw new IOException("audit request " + type + ": " + Errno.name(errno));
        }
        return;
      }
    }
  }

  /** The next record of a type that holds a text; null if there was none in time. */
  String await(int type, String text, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (System.nanoTime() < deadline) {
      long n = CALLS.recv(records, buffer.clear(), buffer.capacity(), 0);
      if (n > HEADER && (buffer.getShort(4) & 0xffff) == type) {
        byte[] bytes = new byte[(int) n - HEADER];
        buffer.get(HEADER, bytes);
        String record = new String(bytes, StandardCharsets.UTF_8);
        if (record.contains(text)) {
          return record;
        }
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    try {
      rule(AUDIT_DEL_RULE);
      enable(enabledBefore);
    } finally {
      CALLS.close(control);
      CALLS.close(records);
    }
  }
}
