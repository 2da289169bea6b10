package dev.custos.linux;

/** The group of processes that signals can be sent to as one: setpgid(2). */
public final class ProcessGroup {
  private ProcessGroup() {}

  /**
   * Makes this process the leader of a group of its own. Its later children are in it too.
   *
   * @return 0, or the errno: EPERM where it leads a session, and so a group, already
   */
  public static int lead() {
    return Libc.LIBRARY.setpgid(0, 0) == 0 ? 0 : Libc.errno();
  }
}
