package dev.custos.linux;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.u_int32_t;

/** What a test needs to be the other side: calls that the product itself never makes. */
public interface ServerLibrary {
  ServerLibrary LIBRARY = LibraryLoader.create(ServerLibrary.class).load("c");

  int socket(int domain, int type, int protocol);

  int socketpair(int domain, int type, int protocol, @Out ByteBuffer sv);

  int mkfifoat(int dirfd, @In ByteBuffer pathname, int mode);

  int bind(int sockfd, @In ByteBuffer addr, @u_int32_t int addrlen);

  @ssize_t
  long recv(int sockfd, @Out ByteBuffer buf, @size_t long len, int flags);

  int mkdirat(int dirfd, @In ByteBuffer pathname, int mode);

  int unlinkat(int dirfd, @In ByteBuffer pathname, int flags);

  int inotify_init1(int flags);

  int inotify_add_watch(int fd, @In ByteBuffer pathname, @u_int32_t int mask);

  int symlinkat(@In ByteBuffer target, int newdirfd, @In ByteBuffer linkpath);
}
