package dev.custos.linux;

import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.annotations.Variadic;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.u_int32_t;
import jnr.ffi.types.u_int64_t;
import jnr.ffi.types.uintptr_t;

/** The calls of libc that are used, by their man pages' names. Buffers are direct. */
public interface LibcLibrary {
  @ssize_t
  long read(int fd, @Out ByteBuffer buf, @size_t long count);

  @ssize_t
  long write(int fd, @In ByteBuffer buf, @size_t long count);

  int close(int fd);

  int poll(ByteBuffer fds, long nfds, int timeout);

  int eventfd(int initval, int flags);

  @Variadic(fixedCount = 3)
  int openat(int dirfd, @In ByteBuffer pathname, int flags, int mode);

  @ssize_t
  long getdents64(int fd, @Out ByteBuffer dirp, @size_t long count);

  /** By addresses, see {@link Libc#address}. */
  int statx(
      int dirfd, @uintptr_t long pathname, int flags, @u_int32_t int mask, @uintptr_t long buf);

  int statx(
      int dirfd, @In ByteBuffer pathname, int flags, @u_int32_t int mask, @Out ByteBuffer buf);

  @ssize_t
  long readlink(@In ByteBuffer pathname, @Out ByteBuffer buf, @size_t long bufsiz);

  @ssize_t
  long readlinkat(int dirfd, @In ByteBuffer pathname, @Out ByteBuffer buf, @size_t long bufsiz);

  int fstatfs(int fd, @Out ByteBuffer buf);

  int fanotify_init(@u_int32_t int flags, @u_int32_t int eventFFlags);

  int fanotify_mark(
      int fanotifyFd,
      @u_int32_t int flags,
      @u_int64_t long mask,
      int dirfd,
      @In ByteBuffer pathname);

  int setns(int fd, int nstype);

  int unshare(int flags);

  int setpgid(int pid, int pgid);

  int socket(int domain, int type, int protocol);

  int connect(int sockfd, @In ByteBuffer addr, @u_int32_t int addrlen);

  /** syscall(2) for openat2(2), which glibc has no wrapper of. */
  @Variadic(fixedCount = 1)
  long syscall(
      long number, int dirfd, @In ByteBuffer pathname, @In ByteBuffer how, @size_t long size);

  /** syscall(2) for pidfd_open(2) and gettid(2), which older libcs have no wrappers of. */
  @Variadic(fixedCount = 1)
  long syscall(long number, int pid, int flags);

  /** syscall(2) for open_tree(2), which glibc has a wrapper of only since 2.36. */
  @Variadic(fixedCount = 1)
  long syscall(long number, int dirfd, @In ByteBuffer pathname, int flags);
}
