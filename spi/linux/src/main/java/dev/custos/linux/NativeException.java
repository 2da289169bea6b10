package dev.custos.linux;

import java.io.IOException;

/**
 * A system call failed. The message names call, argument and errno, and so locates the fault alone:
 * {@code openat2("/data/x"): ENOENT}.
 */
public final class NativeException extends IOException {
  private final int errno;

  /**
   * Describes a failed call.
   *
   * @param call the call's name, as its man page gives it
   * @param argument what it was called for, already printable; empty if there is nothing to say
   */
  public NativeException(String call, String argument, int errno) {
    super(call + (argument.isEmpty() ? "" : "(\"" + argument + "\")") + ": " + Errno.name(errno));
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }
}
