package dev.custos.fanotify;

import dev.custos.spi.event.FilePath;
import dev.custos.spi.event.ProcessFacts;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * What a reader notes of the process that asked. Part of a {@link Decision}, and like it used again
 * and again.
 */
final class ProcessNote {
  private static final byte[] NOTHING = {};

  private int pid;
  private boolean seen;
  private boolean gone;
  private long uid;
  private byte[] executable = NOTHING;
  private int executableLength;
  private byte[] command = NOTHING;
  private int commandLength;
  private byte[] container = NOTHING;
  private boolean contained;
  // What the rest says, once somebody has asked for it.
  private ProcessFacts known;

  /** Nothing is known but the id. */
  void only(int newPid) {
    pid = newPid;
    seen = false;
    gone = false;
    known = null;
  }

  /** The process had ended before it could be looked at. */
  void gone(int newPid) {
    only(newPid);
    gone = true;
  }

  /**
   * What follows was seen of the process.
   *
   * @param newUid as the target numbers it; -1 if it does not
   */
  void seen(int newPid, long newUid) {
    only(newPid);
    seen = true;
    uid = newUid;
    executableLength = 0;
    commandLength = 0;
    contained = false;
  }

  void executable(EventPath path) {
    known = null;
    executableLength = path.hasPath() ? path.length() : 0;
    executable = grown(executable, executableLength);
    System.arraycopy(path.bytes(), path.start(), executable, 0, executableLength);
  }

  void command(byte[] source, int length) {
    known = null;
    command = grown(command, length);
    System.arraycopy(source, 0, command, 0, length);
    commandLength = length;
  }

  void container(byte[] id) {
    known = null;
    container = grown(container, id.length);
    System.arraycopy(id, 0, container, 0, id.length);
    contained = true;
  }

  /** The same as another, from which the facts are made once for all. For the publisher. */
  void like(ProcessNote other) {
    only(other.pid);
    known = other.facts();
  }

  /** To the longest seen, each of which is bounded. */
  private static byte[] grown(byte[] bytes, int length) {
    return bytes.length >= length ? bytes : new byte[length];
  }

  /** For the publisher. */
  ProcessFacts facts() {
    if (known == null) {
      known = made();
    }
    return known;
  }

  private ProcessFacts made() {
    if (gone) {
      return ProcessFacts.gone(pid);
    }
    if (!seen) {
      return ProcessFacts.ofPid(pid);
    }
    return new ProcessFacts(
        OptionalInt.of(pid),
        uid < 0 ? OptionalInt.empty() : OptionalInt.of((int) uid),
        FilePath.ofBytes(executable, 0, executableLength),
        unescaped(),
        contained ? new String(container, 0, container.length, StandardCharsets.US_ASCII) : "",
        false);
  }

  /** proc_pid_status(5) writes a line end as {@code \n} and a backslash as two. */
  private String unescaped() {
    byte[] plain = new byte[commandLength];
    int n = 0;
    for (int i = 0; i < commandLength; i++) {
      if (command[i] == '\\' && i + 1 < commandLength) {
        i++;
        plain[n++] = command[i] == 'n' ? (byte) '\n' : command[i];
      } else {
        plain[n++] = command[i];
      }
    }
    return new String(plain, 0, n, StandardCharsets.UTF_8);
  }
}
